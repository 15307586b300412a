// The button that prints; without this file the words beside it say how.
document.querySelector("[data-print]")?.addEventListener("click", () => window.print());
