// Words of a message: a placeholder goes where the cursor was last, and the preview hears of it as of typing.

let field = document.querySelector("textarea[data-takes-words]");

document.addEventListener("focusin", (event) => {
  if (event.target.matches("[data-takes-words]")) field = event.target;
});
document.addEventListener("click", (event) => {
  const chip = event.target.closest("[data-insert]");
  if (!chip || !field) return;
  field.focus();
  field.setRangeText(chip.dataset.insert, field.selectionStart, field.selectionEnd, "end");
  field.dispatchEvent(new Event("input", { bubbles: true }));
});
