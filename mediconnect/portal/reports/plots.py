"""Plots as plain geometry: what a template writes into an SVG without calculating anything.

Across, everything is in percent, so that a plot is as wide as its place and its words keep their size; down, in pixels.
Numbers are text already: a template would write them with the reader's decimal comma.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

_ROW: Final = 38  # pixels for a bar and the words above it
_BAR: Final = 12
_HEIGHT: Final = 180  # pixels of the columns, without the words around them
_ABOVE: Final = 18
_BELOW: Final = 22
_DATES: Final = 6  # as many as a page's width holds with ease; a phone's holds every other
_NUMBERS: Final = 12  # as many short labels as a phone's width holds
_SHORT: Final = 6  # letters


@dataclass(frozen=True, slots=True)
class Part:
    """A piece of a bar or column, of a kind that the style sheet gives a colour and the legend a word."""

    kind: str
    start: str
    size: str


@dataclass(frozen=True, slots=True)
class Mark:
    """One bar or column: its words and where they and its parts stand. A narrow place leaves `spare` labels out."""

    label: str
    value: str
    at: str
    middle: str
    across: str
    parts: Sequence[Part]
    top: str = ""
    spare: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line to read heights by."""

    at: str
    label: str


@dataclass(frozen=True, slots=True)
class Plot:
    """A drawing with its words. `lying` bars go from left to right, columns stand."""

    name: str
    title: str
    description: str
    height: int
    lying: bool
    marks: Sequence[Mark]
    lines: Sequence[Line] = ()
    legend: Sequence[tuple[str, str]] = ()
    floor: int = 0


@dataclass(frozen=True, slots=True)
class Datum:
    """What a mark shows: its label, the words of its value, and a number for each kind, drawn one after the other."""

    label: str
    value: str
    numbers: Sequence[tuple[str, float]]

    @property
    def sum(self) -> float:
        """The length of the whole mark."""
        return sum(number for _, number in self.numbers)


def bars(
    name: str, title: str, description: str, data: Sequence[Datum], *, legend: Sequence[tuple[str, str]] = ()
) -> Plot:
    """Return a lying plot: a row for each datum, the longest as wide as the place."""
    longest = max((one.sum for one in data), default=0) or 1
    marks = [
        Mark(
            one.label,
            one.value,
            str(number * _ROW + 14),
            str(number * _ROW + 20),
            str(_BAR),
            _parts(one.numbers, 100 / longest, unit="%"),
        )
        for number, one in enumerate(data)
    ]
    return Plot(name, title, description, len(data) * _ROW, lying=True, marks=marks, legend=legend)


def columns(
    name: str,
    title: str,
    description: str,
    data: Sequence[Datum],
    *,
    top: float,
    lines: Iterable[tuple[float, str]] = (),
    legend: Sequence[tuple[str, str]] = (),
) -> Plot:
    """Return a standing plot with `top` as the greatest height; `lines` are heights to read by.

    Every mark has a label while there are few, else every so many; values stand above the columns while there is room.
    """
    top = top or 1
    long = any(len(one.label) > _SHORT for one in data)
    slot, step = 100 / (len(data) or 1), -(-len(data) // (_DATES if long else _NUMBERS))
    scale, floor = _HEIGHT / top, _ABOVE + _HEIGHT
    marks = [
        Mark(
            one.label if number % step == 0 else "",
            one.value,
            f"{number * slot + slot * 0.12:.3f}%",
            f"{number * slot + slot / 2:.3f}%",
            f"{slot * 0.76:.3f}%",
            [Part(part.kind, f"{floor - float(part.start) - float(part.size):.1f}", part.size) for part in parts],
            f"{floor - one.sum * scale:.1f}",
            spare=long and number // step % 2 == 1,
        )
        for number, one in enumerate(data)
        for parts in [_parts(one.numbers, scale)]
    ]
    read = [Line(f"{floor - height * scale:.1f}", words) for height, words in lines]
    return Plot(
        name, title, description, floor + _BELOW, lying=False, marks=marks, lines=read, legend=legend, floor=floor
    )


def _parts(numbers: Iterable[tuple[str, float]], scale: float, unit: str = "") -> list[Part]:
    parts, reached = [], 0.0
    for kind, number in numbers:
        if number > 0:
            parts.append(Part(kind, f"{reached * scale:.2f}{unit}", f"{number * scale:.2f}{unit}"))
        reached += number
    return parts
