// A button that copies what stands in the element it names, and says so.
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const said = document.getElementById(button.getAttribute("aria-describedby"));
  try {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
    said.textContent = button.dataset.copied;
  } catch {
    getSelection().selectAllChildren(document.getElementById(button.dataset.copy)); // not allowed: it is marked, to be copied by hand
  }
});
