"""How figures are shown: one line each, and whether the goal was met."""

import sys
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """A figure, what to know about it, and whether it meets its goal (None: it has none)."""

    name: str
    figure: str
    note: str = ""
    met: bool | None = None


def say(line: str) -> None:
    """Print a line of progress."""
    sys.stdout.write(f"  {line}\n")
    sys.stdout.flush()


def table(rows: list[Row]) -> str:
    """Return the figures as a table for people."""
    width = max(len(row.name) for row in rows)
    marks = {None: " ", True: "✓", False: "✗"}
    return "\n".join(f"{marks[row.met]} {row.name:<{width}}  {row.figure:>12}  {row.note}" for row in rows)
