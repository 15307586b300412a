// Every page: what htmx may not lose, where focus goes, and the few keys that work everywhere. Words come from the page.

const banner = document.getElementById("banner");
document.documentElement.classList.add("has-script");

/** Show a sentence above the page, with an optional link that opens beside it. */
function say(sentence, link) {
  banner.replaceChildren(sentence);
  if (link) {
    const anchor = document.createElement("a");
    Object.assign(anchor, { href: link.url, target: "_blank", rel: "noopener", textContent: link.label });
    banner.append(" ", anchor);
  }
  banner.hidden = false;
  banner.dataset.shown = link ? "lapsed" : "";
}

/** Give every form of the page the token that belongs to the browser's session of now. */
export async function renew() {
  const answer = await fetch(banner.dataset.sessionUrl, { headers: { "X-Background": "1" }, cache: "no-store" });
  if (!answer.ok) return false;
  const state = await answer.json();
  for (const field of document.querySelectorAll('input[name="csrfmiddlewaretoken"]')) field.value = state.csrf;
  return state.signed_in;
}

/** The session ended while the page was open: the page stays, forms keep what was typed. */
export function lapsed() {
  if (banner.dataset.shown === "lapsed") return;
  say(banner.dataset.lapsed, { url: banner.dataset.signInUrl, label: banner.dataset.signIn });
}

async function cameBack() {
  if (banner.dataset.shown !== "lapsed") return;
  try {
    if (await renew()) say(banner.dataset.back);
  } catch { /* still without a connection: the banner stays */ }
}

window.addEventListener("focus", cameBack);
document.addEventListener("visibilitychange", () => document.hidden || cameBack());

document.addEventListener("htmx:responseError", (event) => {
  const answer = event.detail.xhr;
  if (answer.status === 401) lapsed();
  else if (answer.status === 403) renew().catch(() => {});
  else if (answer.status >= 500) say(`${banner.dataset.broken} ${answer.getResponseHeader("X-Request-ID") ?? ""}`);
});
document.addEventListener("htmx:sendError", () => say(banner.dataset.offline));
document.addEventListener("htmx:afterRequest", (event) => {
  if (event.detail.successful && banner.dataset.shown !== "lapsed") banner.hidden = true;
  // What was written may show elsewhere on the page; whoever listens looks at once instead of at the next beat.
  if (event.detail.successful && event.detail.requestConfig?.verb === "post") document.dispatchEvent(new Event("portal:written"));
});

// Focus follows what just appeared: a refusal, a card, a form; once the panel is closed it returns to what had opened it.
let opener = "";
document.addEventListener("htmx:beforeRequest", ({ detail: { elt, target } }) => {
  if (target?.id === "panel" && elt.id && !elt.closest("#panel")) opener = elt.id;
});
document.addEventListener("htmx:afterSettle", (event) => {
  const target = event.detail.elt?.querySelector?.("[data-focus], [autofocus]");
  if (target) target.focus({ preventScroll: false });
  else if (opener && !document.querySelector("#panel [data-close]")) {
    if (document.activeElement === document.body) document.getElementById(opener)?.focus({ preventScroll: true });
    opener = "";
  }
});
document.querySelector("#panel [data-focus], main [data-focus]")?.focus();

document.addEventListener("click", (event) => {
  const dismiss = event.target.closest("[data-dismiss]");
  if (dismiss) dismiss.closest(".notice").remove();
  for (const menu of document.querySelectorAll("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
});

// A day or a filter that was chosen is shown at once; typing a date is not choosing one until it is whole.
document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-submit]");
  if (field?.value && field.validity.valid) field.form.requestSubmit();
});

// A key names the link or button that carries it as data-key, several parted by spaces; never while somebody types. What a page
// has itself comes after the bar above it, and goes before.
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") {
    const menu = document.querySelector("details.menu[open]");
    if (menu) { menu.open = false; menu.querySelector("summary").focus(); return; }
    document.querySelector("#panel [data-close]")?.click();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea, [contenteditable]")) return;
  const match = [...document.querySelectorAll("[data-key]")].findLast((one) => one.dataset.key.split(" ").includes(event.key) && !one.closest("[hidden]"));
  if (match) { event.preventDefault(); match.click(); }
});
