// Arrivals: what was unfolded stays so when the flow is fetched again, and a choice of provider needs no button.
let unfolded = [];

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target.id === "flow") unfolded = [...document.querySelectorAll("#flow details[open]")].map((one) => one.id);
});
document.addEventListener("htmx:afterSwap", () => {
  for (const id of unfolded) document.getElementById(id)?.setAttribute("open", "");
});
document.addEventListener("change", (event) => {
  if (event.target.matches("[data-submits]")) event.target.form.requestSubmit();
});
