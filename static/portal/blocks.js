// Where the blocks of a board lie, and how their times are written: what clock.css shows, read back.

export const board = () => document.getElementById("board");

/** Read a number from a class such as h9. */
const mark = (element, letters) => Number(new RegExp(`(?:^|\\s)${letters}(\\d+)`).exec(element.className)?.[1]);
export const startOf = (block) => mark(block, "h") * 60 + mark(block, "m");
export const endOf = (block) => mark(block, "eh") * 60 + mark(block, "em");
export const minuteHeight = () => parseFloat(getComputedStyle(board()).getPropertyValue("--minute")) || 1.5;
export const two = (number) => String(number).padStart(2, "0");
export const clock = (minute) => `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;

/** A time of day as the clinic writes it; `clock` is how addresses and forms carry it. */
const habit = new Intl.DateTimeFormat(document.documentElement.lang, {
  hour: "numeric", minute: "2-digit", timeZone: "UTC",
  hour12: document.getElementById("move-form").dataset.hours === "12",
});
export const spoken = (minute) => habit.format(minute * 60000);
