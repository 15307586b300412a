// The board under the hand: arrows from block to block, a click on free time, and moving a visit by mouse or by keys.
// What may be dropped where is looked at here at once and asked of the clinic's rules a moment later; the server decides.
import { board, clock, endOf, minuteHeight, startOf, two } from "./blocks.js";
import { Mover } from "./moving.js";

const scroller = document.querySelector(".board-scroll");
const voice = document.getElementById("board-voice");
const phone = matchMedia("(max-width: 40rem)");

const say = (words) => { voice.textContent = words; };
const mover = new Mover({ board, say });

// One stop of the Tab key for the whole board; arrows go on from there.
const blocks = (column) => [...column.querySelectorAll("a.visit, a.free, .group a")];

function prepare() {
  const all = [...(board()?.querySelectorAll("a.visit, a.free, .group a") ?? [])];
  const kept = all.find((one) => one.id && one.id === prepare.last) ?? all[0];
  for (const one of all) one.tabIndex = one === kept ? 0 : -1;
  if (!phone.matches) mover.mark();
  current();
  tick();
}

/** Mark on the board which visit's card is open beside it. */
function current() {
  const open = document.querySelector("#panel [data-visit]")?.dataset.visit;
  for (const one of board()?.querySelectorAll("a[aria-current]") ?? []) one.removeAttribute("aria-current");
  if (open) document.getElementById(`v-${open}`)?.setAttribute("aria-current", "true");
}

function go(from, key) {
  const column = from.closest(".column");
  const columns = [...board().querySelectorAll(".column")];
  const own = blocks(column);
  if (key === "ArrowUp") return own[own.indexOf(from) - 1];
  if (key === "ArrowDown") return own[own.indexOf(from) + 1];
  const step = (key === "ArrowRight") === (document.dir !== "rtl") ? 1 : -1;
  for (let at = columns.indexOf(column) + step; columns[at]; at += step) {
    const there = blocks(columns[at]);
    const time = startOf(from.closest(".block"));
    const distance = (one) => Math.abs(startOf(one.closest(".block")) - time);
    if (there.length) return there.reduce((best, one) => (distance(one) < distance(best) ? one : best));
  }
  return undefined;
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || !board()) return;
  if (mover.active) return void mover.key(event);
  const typing = event.target.closest("input, select, textarea");
  if (event.key === "z" && !typing) {
    document.querySelector("#notices [data-undo]")?.click();
    return;
  }
  const from = event.target.closest?.("#board a.visit, #board a.free, #board .group a");
  if (!from) return;
  if (event.key.startsWith("Arrow") && !event.shiftKey) {
    const to = go(from, event.key);
    event.preventDefault();
    if (to) { from.tabIndex = -1; to.tabIndex = 0; to.focus(); prepare.last = to.id; }
  } else if (event.key === "m" && from.dataset.movable !== undefined) {
    event.preventDefault();
    mover.pick(from);
  }
});

// A click on free time books the minute under the hand, on the quarter, and not the beginning of the gap.
document.addEventListener("click", (event) => {
  const free = event.target.closest?.("#board a.free");
  if (!free || phone.matches || event.detail === 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
  const start = startOf(free);
  const under = start + (event.clientY - free.getBoundingClientRect().top) / minuteHeight();
  const minute = Math.max(start, Math.min(Math.floor(under / 15) * 15, endOf(free) - 5));
  const address = new URL(free.href);
  address.searchParams.set("start", `${free.closest(".column").dataset.day}T${clock(minute)}`);
  event.preventDefault();
  event.stopImmediatePropagation();
  window.htmx.ajax("GET", address.pathname + address.search, { source: free, target: "#panel" });
}, true);

// The moving parts: the line of now, and how long a hold still keeps its time.
function tick() {
  const line = board()?.querySelector("[data-now]");
  if (line) {
    const born = line.dataset.born ?? (line.dataset.born = `${Date.now()}|${startOf(line)}`);
    const [when, minute] = born.split("|").map(Number);
    const now = minute + Math.floor((Date.now() - when) / 60000);
    line.style.setProperty("--h", Math.floor(now / 60));
    line.style.setProperty("--m", now % 60);
  }
  for (const one of document.querySelectorAll("[data-until]")) {
    const left = Math.max(0, Math.round(Number(one.dataset.until) - Date.now() / 1000));
    one.textContent = `${Math.floor(left / 60)}:${two(left % 60)}`;
  }
}

setInterval(tick, 1000);
document.addEventListener("portal:refreshed", prepare);
document.addEventListener("htmx:afterSettle", current);
prepare();

// Begin where the day is: at now, or at the first visit.
if (scroller && !phone.matches) {
  const first = board().querySelector("[data-now]") ?? board().querySelector(".visit, .free");
  if (first) scroller.scrollTop = first.offsetTop - scroller.clientHeight / 3;
}
