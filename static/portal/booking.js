// The booking panel under the fingers: a list one walks by arrows, Enter that goes on, a time that is kept while one types.
// Without this script every step is a button of the form.

const KEEP_AFTER = 250; // whoever walks through the times by arrows holds the one where the walk ends
let kept = "";          // the hold that the page shows, so that it is given back when the page no longer does
let release = null;     // how: the address and the token, remembered since both leave the page with the form
let waiting = 0;
let early = false;      // Enter came before the answer of the search did

const form = () => document.getElementById("book");
const search = () => document.getElementById("book-q");
const options = () => [...document.querySelectorAll("#book-found [data-option]")];
const active = () => document.querySelector('#book-found [aria-selected="true"]');

/** Turn what the search found into a list box that the search field steers. */
function dress() {
  const field = search();
  if (!field) return;
  const box = document.querySelector("#book-found .book-people");
  for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-haspopup": "listbox", "aria-expanded": String(Boolean(box)) })) field.setAttribute(name, value);
  field.removeAttribute("aria-activedescendant");
  if (!box) { field.removeAttribute("aria-controls"); return; }
  Object.assign(box, { id: "book-listbox" });
  box.setAttribute("role", "listbox");
  box.setAttribute("aria-label", box.dataset.label);
  field.setAttribute("aria-controls", box.id);
  options().forEach((option, number) => {
    Object.assign(option, { id: `book-option-${number}`, tabIndex: -1 });
    option.setAttribute("role", "option");
    option.setAttribute("aria-selected", "false");
  });
  step(0);
}

/** Mark an option, so many from the one that is marked; from none, the first. */
function step(by) {
  const all = options();
  if (!all.length) return;
  const next = all[(Math.max(0, all.indexOf(active())) + by + all.length) % all.length];
  for (const option of all) option.setAttribute("aria-selected", String(option === next));
  search().setAttribute("aria-activedescendant", next.id);
  next.scrollIntoView({ block: "nearest" });
}

function searchKey(event) {
  if (event.key === "ArrowDown" || event.key === "ArrowUp") {
    event.preventDefault();
    step(event.key === "ArrowDown" ? 1 : -1);
  } else if (event.key === "Enter") {
    event.preventDefault();
    if (event.target.dataset.shown === event.target.value) active()?.click();
    else early = true;
  } else if (event.key === "Escape" && event.target.value) {
    event.preventDefault();
    event.stopPropagation(); // the first Escape empties the field, the second closes the panel
    event.target.value = "";
    document.getElementById("book-found").replaceChildren();
    dress();
  }
}

document.addEventListener("keydown", (event) => {
  if (event.target.id === "book-q") searchKey(event);
  else if (event.key === "Enter" && event.target.matches("#book-from, #book-at")) event.preventDefault(); // it looked by itself
  else if (event.key === "Enter" && event.target.matches("#book .book-newcomer input")) {
    event.preventDefault();
    event.target.closest(".book-newcomer").querySelector("[data-default]").click();
  }
}, true);

/** A patient was chosen: on to the time, which one Enter books; where none is free, to the type. */
function goOn() {
  (document.querySelector('#book input[name="when"]:checked') ?? document.getElementById("book-type"))?.focus();
}

function keepSoon() {
  clearTimeout(waiting);
  waiting = setTimeout(() => {
    const spot = document.getElementById("book-hold");
    if (spot && document.querySelector('#book input[name="when"]:checked')) window.htmx.trigger(spot, "keep");
  }, KEEP_AFTER);
}

document.addEventListener("change", (event) => {
  if (event.target.matches('#book input[name="when"]')) keepSoon();
  else if (event.target.matches('#book input[name="override"]') && event.target.checked) document.getElementById("book-override").focus();
});

/** Give back a hold that the page no longer shows: another time was picked, or the panel was closed. */
async function giveBack(leaving, done = false) {
  const shown = leaving ? "" : document.querySelector('#book input[name="hold"]')?.value ?? "";
  const gone = kept === shown || done ? "" : kept;
  kept = shown;
  if (gone && release) {
    const words = new URLSearchParams({ csrfmiddlewaretoken: release.token, hold: gone });
    await fetch(release.url, { method: "POST", body: words, keepalive: true, headers: { "X-Background": "1" } }).catch(() => {});
  }
  if (form()) release = { url: form().dataset.holdUrl, token: form().querySelector('[name="csrfmiddlewaretoken"]').value };
}

document.addEventListener("htmx:afterSettle", (event) => {
  const settled = event.detail.elt;
  if (settled.id === "book-found") {
    const field = search();
    field.dataset.shown = event.detail.requestConfig?.parameters?.q ?? field.value;
    dress();
    if (early && options().filter((option) => option.name === "patient").length === 1) active().click();
    early = false;
  } else if (settled.id === "book-patient" && document.getElementById("book-patient-id")) {
    goOn();
    // Somebody with visits of their own is not offered those times.
    if (document.querySelector("#book-patient-id[data-busy]")) window.htmx.trigger("#book-type", "look");
    else keepUnlessKept();
  } else if (settled.id === "book-times" || settled.id === "book-why") {
    onlyTheWish(settled);
    if (document.getElementById("book-patient-id")) keepUnlessKept();
    if (document.activeElement === document.body) goOn();
  } else if (settled.id === "panel" || settled.id === "book-patient") {
    dress();
    if (settled.id === "panel" && form() && !settled.querySelector("[data-focus]")) goOn();
    if (document.getElementById("book-patient-id")) keepUnlessKept();
  }
  giveBack(false, settled.id === "book-hold"); // whoever holds another time has given the first one back by that
  tick();
});

/** A wished time that is not free leaves nothing picked, so that nobody books another one by mistake. */
function onlyTheWish(settled) {
  if (settled.id !== "book-why" || !settled.querySelector(".book-blocked")) return;
  for (const pick of document.querySelectorAll('#book-times input[name="when"]:checked')) pick.checked = false;
}

function keepUnlessKept() {
  if (!document.querySelector('#book input[name="hold"]')) keepSoon();
}

// Whoever looks for other times gives the held one back first: it would be missing among them.
document.addEventListener("htmx:confirm", async (event) => {
  if (!kept || event.detail.verb !== "get" || !event.target.closest("#book") || event.target.closest(".book-patient")) return;
  event.preventDefault();
  document.getElementById("book-hold").replaceChildren();
  await giveBack(false);
  event.detail.issueRequest();
});

addEventListener("pagehide", () => giveBack(true));

/** Count down what is kept; the seconds are the server's, so that a wrong clock at the desk does not matter. */
function tick() {
  const line = document.querySelector("#book-hold [data-seconds]");
  if (!line) return;
  line.ends ??= performance.now() + Number(line.dataset.seconds) * 1000;
  const left = Math.round((line.ends - performance.now()) / 1000);
  if (left <= 0) {
    line.textContent = line.dataset.lapsed;
    line.classList.add("is-over");
    line.removeAttribute("data-seconds");
  } else {
    line.querySelector("[data-left]").textContent = `(${Math.floor(left / 60)}:${String(left % 60).padStart(2, "0")})`;
  }
}
setInterval(tick, 1000);

dress();
if (form() && !document.querySelector("#panel [data-focus]")) goOn();
giveBack(false);
