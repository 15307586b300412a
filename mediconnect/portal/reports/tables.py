"""Figures as tables: the same rows for the page and for the file, once in words and once as they are."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from mediconnect.habits import Habits

Value = str | int | float | dt.date | dt.datetime | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value as the file has it, the words for it on the page, and where they lead."""

    value: Value
    words: str
    number: bool = False
    url: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. `few`: its rate is of few visits. `total`: it sums up the others."""

    cells: Sequence[Cell]
    few: bool = False
    total: bool = False


@dataclass(frozen=True, slots=True)
class Head:
    """The heading of a column, on the page and in the file."""

    words: str
    in_file: str = ""
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings, with a caption that says what they are."""

    caption: str
    heads: Sequence[Head]
    rows: Sequence[Row]


def text(words: str, url: str = "") -> Cell:
    """Return a cell of words."""
    return Cell(words, words, url=url)


def count(number: int) -> Cell:
    """Return a cell of a whole number."""
    return Cell(number, str(number), number=True)


def minutes(number: int, habits: Habits) -> Cell:
    """Return a cell of minutes, which the page shows as hours and minutes."""
    return Cell(number, habits.duration(number), number=True)


def rate(percent: float | None) -> Cell:
    """Return a cell of a rate: one decimal in the file, whole points on the page, a dash where there is none."""
    return Cell(
        None if percent is None else round(percent, 1), "–" if percent is None else in_points(percent), number=True
    )


def in_points(percent: float) -> str:
    """Write a rate in whole points; what is above nothing does not become nothing."""
    return "< 1 %" if 0 < percent < 0.5 else f"{percent:.0f} %"
