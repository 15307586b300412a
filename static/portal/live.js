// A page that shows what others change: [data-live] says where it is asked every two seconds (data-pulse) and from where it
// is fetched again when it changed. What somebody is dragging or typing is left alone.
import { lapsed } from "./portal.js";

const EVERY = 2000; // milliseconds (docs/decisions/0080)
let waiting = false;

async function beat() {
  const live = document.querySelector("[data-live]");
  if (!live || document.hidden || waiting || live.dataset.busy !== undefined) return;
  waiting = true;
  try {
    const answer = await fetch(live.dataset.pulse, {
      headers: { "X-Background": "1", "If-None-Match": `"${live.dataset.version}"` },
      cache: "no-store",
      redirect: "manual",
    });
    if (answer.status === 401 || answer.type === "opaqueredirect") lapsed();
    else if (answer.status === 200) await refresh(live);
  } catch { /* no connection: the next beat tries again */ } finally {
    waiting = false;
  }
}

// Each request has a source of its own: those of one source wait for each other, and only the last one in the queue is sent.
async function refresh(live) {
  if (live.dataset.busy !== undefined) return; // picked up meanwhile: the next beat looks again
  const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
  await window.htmx.ajax("GET", live.dataset.live, { source: live, target: live, swap: "outerHTML", headers: { "X-Background": "1" } });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("portal:refreshed"));
}

// What was picked up while the answer was on its way stays in the hand: the next beat asks again.
document.addEventListener("htmx:beforeSwap", (event) => {
  const { target } = event.detail;
  if (target.dataset.live !== undefined && target.dataset.busy !== undefined) event.detail.shouldSwap = false;
});

if (document.querySelector("[data-live]")) {
  setInterval(beat, EVERY);
  document.addEventListener("portal:written", beat);
  document.addEventListener("visibilitychange", beat);
}
