// Moving one visit: picked up by mouse or key, shown as a ghost, judged on the way, put down once.
import { clock, endOf, minuteHeight, spoken, startOf } from "./blocks.js";

const STEP = 5; // minutes; the finest grid of any type of visit
const LIFT = 4; // pixels that a hand trembles
const ASK_AFTER = 150; // milliseconds of rest before the rules are asked

export class Mover {
  constructor({ board, say }) {
    Object.assign(this, { board, say, active: null, form: document.getElementById("move-form") });
    document.addEventListener("pointerdown", (event) => this.press(event));
    document.addEventListener("click", (event) => this.swallow(event), true);
    document.addEventListener("dragstart", (event) => event.target.closest?.("#board a") && event.preventDefault());
  }

  /** Say of each visit whether it can be moved: before the patient is there, and not as one of a group. */
  mark() {
    for (const visit of this.board()?.querySelectorAll("a.visit:is(.is-booked, .is-confirmed):not(.is-second)") ?? []) {
      if (visit.dataset.movable !== undefined || this.board().dataset.live.includes("by=room")) continue;
      visit.dataset.movable = "";
      const grip = document.createElement("span");
      grip.className = "grip";
      visit.append(grip);
    }
  }

  press(event) {
    const visit = event.target.closest?.("#board a.visit[data-movable]");
    if (!visit || event.button || this.active) return;
    const from = { x: event.clientX, y: event.clientY };
    const resize = event.target.classList.contains("grip");
    const moved = (move) => {
      if (!this.active) {
        if (Math.hypot(move.clientX - from.x, move.clientY - from.y) < LIFT) return;
        this.lift(visit, resize ? "resize" : "drag", event.clientY - visit.getBoundingClientRect().top);
      }
      this.follow(move);
    };
    const end = (up) => {
      removeEventListener("pointermove", moved);
      removeEventListener("pointerup", end);
      removeEventListener("pointercancel", end);
      removeEventListener("keydown", escape, true);
      if (!this.active) return;
      this.dropped = performance.now();
      if (up.type === "pointerup") this.put(); else this.drop();
    };
    const escape = (key) => { if (key.key === "Escape" && this.active) { key.stopImmediatePropagation(); this.drop(); } };
    addEventListener("pointermove", moved);
    addEventListener("pointerup", end);
    addEventListener("pointercancel", end);
    addEventListener("keydown", escape, true);
  }

  /** The click that ends a drag opens nothing. */
  swallow(event) {
    if (this.dropped && performance.now() - this.dropped < 50 && event.target.closest?.("#board")) {
      event.preventDefault();
      event.stopImmediatePropagation();
    }
    this.dropped = 0;
  }

  pick(visit) {
    this.lift(visit, "keys", 0);
    this.say(this.form.dataset.picked);
    this.show();
  }

  lift(visit, how, held) {
    const ghost = document.createElement("div");
    ghost.className = "block ghost";
    ghost.append(Object.assign(document.createElement("span"), { className: "time" }), " ", visit.querySelector("bdi").cloneNode(true),
      Object.assign(document.createElement("span"), { className: "ghost-words" }));
    const column = visit.closest(".column");
    this.active = { visit, how, held, ghost, column, from: { column, start: startOf(visit), length: endOf(visit) - startOf(visit) }, start: startOf(visit), length: endOf(visit) - startOf(visit), verdict: "" };
    visit.classList.add("is-picked");
    this.board().classList.add("is-dragging");
    this.board().dataset.busy = "";
    document.dispatchEvent(new Event("portal:acted"));
    column.querySelector(".lane").append(ghost);
    this.place();
  }

  follow(event) {
    const now = this.active;
    if (now.how === "resize") {
      const top = now.visit.getBoundingClientRect().top;
      now.length = Math.max(STEP, Math.round((event.clientY - top) / minuteHeight() / STEP) * STEP);
    } else {
      const column = document.elementsFromPoint(event.clientX, event.clientY).map((one) => one.closest?.("#board .column")).find(Boolean) ?? now.column;
      const lane = column.querySelector(".lane").getBoundingClientRect();
      const minute = this.first() + (event.clientY - now.held - lane.top) / minuteHeight();
      now.column = column;
      now.start = Math.round(minute / STEP) * STEP;
    }
    this.nudge(event);
    this.show();
  }

  /** At the edge of the board, the board goes along. */
  nudge(event) {
    const frame = this.board().closest(".board-scroll");
    const edge = frame.getBoundingClientRect();
    if (event.clientY > edge.bottom - 30) frame.scrollTop += 12;
    else if (event.clientY < edge.top + 70) frame.scrollTop -= 12;
    if (event.clientX > edge.right - 30) frame.scrollLeft += 12;
    else if (event.clientX < edge.left + 80) frame.scrollLeft -= 12;
  }

  key(event) {
    const now = this.active;
    const columns = [...this.board().querySelectorAll(".column")];
    const side = (step) => columns[columns.indexOf(now.column) + step] ?? now.column;
    const keys = {
      ArrowUp: () => (event.shiftKey ? (now.length = Math.max(STEP, now.length - STEP)) : (now.start -= STEP)),
      ArrowDown: () => (event.shiftKey ? (now.length += STEP) : (now.start += STEP)),
      ArrowLeft: () => { now.column = side(-1); },
      ArrowRight: () => { now.column = side(1); },
      Enter: () => this.put(),
      Escape: () => { this.drop(); this.say(this.form.dataset.letGo); },
    };
    if (!keys[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    keys[event.key]();
    if (this.active) this.show();
  }

  first() { return Number(/first-(\d+)/.exec(this.board().className)[1]) * 60; }
  last() { return Number(/last-(\d+)/.exec(this.board().className)[1]) * 60; }

  show() {
    const now = this.active;
    now.start = Math.max(this.first(), Math.min(now.start, this.last() - now.length));
    const place = `${now.column.dataset.column}|${now.start}|${now.length}`;
    if (place === now.place) return;
    now.place = place;
    this.place();
    this.judge(...this.glance());
    clearTimeout(now.timer);
    now.timer = setTimeout(() => this.ask(place), ASK_AFTER);
  }

  place() {
    const { ghost, column, start, length } = this.active;
    const lane = column.querySelector(".lane");
    if (ghost.parentElement !== lane) lane.append(ghost);
    const end = start + length;
    for (const [name, value] of [["--h", Math.floor(start / 60)], ["--m", start % 60], ["--eh", Math.floor(end / 60)], ["--em", end % 60]]) ghost.style.setProperty(name, value);
    ghost.querySelector(".time").textContent = `${spoken(start)} – ${spoken(end)}`;
  }

  /** What the board itself can tell at once, before the rules answer. */
  glance() {
    const { column, start, length, visit } = this.active;
    const meets = (one) => startOf(one) < start + length && endOf(one) > start;
    const words = this.form.dataset;
    const taken = [...column.querySelectorAll(".visit, .hold, .elsewhere")].some((one) => one !== visit && meets(one));
    if (taken) return ["refused", words.taken];
    const open = [...column.querySelectorAll(".open")].some((one) => startOf(one) <= start && endOf(one) >= start + length);
    return open ? ["allowed", words.looksFree] : ["refused", words.outside];
  }

  judge(verdict, words, aloud = false) {
    const { ghost, column, start } = this.active;
    this.active.verdict = verdict;
    ghost.classList.remove("is-allowed", "is-warned", "is-refused");
    ghost.classList.add(`is-${verdict}`);
    ghost.querySelector(".ghost-words").textContent = words;
    if (aloud || this.active.how === "keys") this.say(`${spoken(start)}, ${column.dataset.name}. ${words}`);
  }

  wish() {
    const { column, start, length, from } = this.active;
    const wish = { start: `${column.dataset.day}T${clock(start)}`, provider: column.dataset.column };
    if (length !== from.length) wish.minutes = String(length);
    return wish;
  }

  door(end) { return `${this.board().dataset.base}visits/${this.active.visit.id.slice(2)}/${end}`; }

  async ask(place) {
    const now = this.active;
    if (!now || now.place !== place) return;
    try {
      const answer = await fetch(`${this.door("check/")}?${new URLSearchParams(this.wish())}`, { headers: { Accept: "application/json", "X-Background": "1" }, cache: "no-store" });
      if (!answer.ok || this.active !== now || now.place !== place) return;
      const { verdict, words } = await answer.json();
      this.judge(verdict, words, true);
    } catch { /* the server judges once more when the visit is put down */ }
  }

  put() {
    const { visit, column, start, length, from, verdict } = this.active;
    if (column === from.column && start === from.start && length === from.length) return this.drop();
    const wish = this.wish();
    const door = this.door("move/");
    const refused = verdict !== "allowed";
    const source = visit;
    this.drop();
    if (refused) {
      // The form says why, and lets those with the right do it all the same.
      window.htmx.ajax("GET", `${door}?${new URLSearchParams(wish)}`, { source, target: "#panel" });
      return;
    }
    const values = { ...wish, version: source.dataset.v, key: `page-${crypto.randomUUID()}`, csrfmiddlewaretoken: this.form.elements.csrfmiddlewaretoken.value };
    window.htmx.ajax("POST", door, { source, target: "#panel", values });
  }

  drop() {
    const { visit, ghost, timer } = this.active;
    clearTimeout(timer);
    ghost.remove();
    visit.classList.remove("is-picked");
    this.board().classList.remove("is-dragging");
    delete this.board().dataset.busy;
    document.dispatchEvent(new Event("portal:acted"));
    this.active = null;
    visit.focus({ preventScroll: true });
  }
}
