// A page that shows what others change: [data-pulse] is asked every two seconds, and [data-live] is fetched again when it
// changed. What somebody is dragging or typing is left alone.
import { lapsed } from "./portal.js";

const EVERY = 2000;
const heart = document.querySelector("[data-pulse]");
let version = heart?.dataset.version ?? null;
let waiting = false;

async function beat() {
  const live = document.querySelector("[data-live]");
  if (!live || document.hidden || waiting) return;
  waiting = true;
  try {
    const answer = await fetch(live.closest("[data-pulse]").dataset.pulse, {
      headers: { "X-Background": "1", ...(version ? { "If-None-Match": `"${version}"` } : {}) },
      cache: "no-store",
      redirect: "manual",
    });
    if (answer.status === 401 || answer.type === "opaqueredirect") lapsed();
    else if (answer.status === 200) await refresh(live, (await answer.json()).version);
  } catch { /* no connection: the next beat tries again */ } finally {
    waiting = false;
  }
}

async function refresh(live, seen) {
  if (live.dataset.busy !== undefined) return; // something is being dragged: the next beat looks again
  const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
  await window.htmx.ajax("GET", live.dataset.live || location.href, {
    target: live, swap: "outerHTML", headers: { "X-Background": "1" },
  });
  version = seen;
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("portal:refreshed"));
}

if (heart) {
  setInterval(beat, EVERY);
  document.addEventListener("portal:written", beat);
  document.addEventListener("visibilitychange", beat);
}
