// The open card follows what is done to its visit elsewhere, unless somebody types in it or reads what it unfolded.

const card = () => document.querySelector("#panel .visit-card[data-card]");
const left = (one) => !one.querySelector("details[open], .refusal");

async function follow() {
  const one = card();
  if (!one || !left(one)) return;
  // On the board the visit's own block says whether anything happened to it; elsewhere the card is asked for again.
  const block = document.getElementById(`v-${one.dataset.visit}`);
  if (block && block.dataset.v === one.dataset.v) return;
  await window.htmx.ajax("GET", one.dataset.card, { source: one, target: "#panel", swap: "innerHTML show:none", headers: { "X-Background": "1" } });
}

document.addEventListener("portal:refreshed", follow);
