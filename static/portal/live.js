// A page that shows what others change: [data-live] says where it is asked every two seconds (data-pulse) and from where it
// is fetched again when it changed. What somebody is dragging or typing is left alone.
import { lapsed } from "./portal.js";

const EVERY = 2000; // milliseconds (docs/decisions/0080)
let looking = null; // the look that is under way: what calls it off

async function beat() {
  const live = document.querySelector("[data-live]");
  if (!live || document.hidden || looking || live.dataset.busy !== undefined) return;
  const look = looking = new AbortController();
  try {
    const pulse = await ask(live.dataset.pulse, look, { "If-None-Match": `"${live.dataset.version}"` });
    if (pulse.status !== 200) return;
    const answer = await ask(live.dataset.live, look, { "HX-Request": "true", "HX-Target": live.id });
    if (answer.status !== 200) return;
    const content = await answer.text();
    if (!look.signal.aborted && live.isConnected) show(live, content);
  } catch { /* called off, or no connection: the next beat tries again */ } finally {
    if (looking === look) looking = null;
  }
}

async function ask(address, look, headers) {
  const answer = await fetch(address, { headers: { "X-Background": "1", ...headers }, cache: "no-store", redirect: "manual", signal: look.signal });
  if (answer.status === 401 || answer.type === "opaqueredirect") lapsed();
  return answer;
}

function show(live, content) {
  const focused = live.contains(document.activeElement) ? document.activeElement.id : "";
  window.htmx.swap(live, content, { swapStyle: "outerHTML" });
  if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
  document.dispatchEvent(new Event("portal:refreshed"));
}

// A picture that set out before somebody here picked something up, put it down or wrote it shows what was before that: it
// would take the visit out of the hand, or put it back where it was. It is called off, and after a write a new one asked for.
function callOff() {
  looking?.abort();
  looking = null;
}

if (document.querySelector("[data-live]")) {
  setInterval(beat, EVERY);
  document.addEventListener("portal:acted", callOff);
  document.addEventListener("htmx:beforeRequest", (event) => event.detail.requestConfig.verb === "post" && callOff());
  document.addEventListener("portal:written", () => {
    callOff();
    beat();
  });
  document.addEventListener("visibilitychange", beat);
}
