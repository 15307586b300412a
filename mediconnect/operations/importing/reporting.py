"""What an import did, and what it could not use, told without a word of what the files say about anybody."""

import enum
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final


class Fate(enum.StrEnum):
    """What became of one thing in the files."""

    NEW = "new"
    KNOWN = "known"
    JOINED = "part of another"
    BAD = "not usable"
    IGNORED = "ignored"


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a resource stood: a line of an NDJSON file, or an entry of a Bundle on that line."""

    path: str
    line: int
    entry: int | None = None

    def __str__(self) -> str:
        return f"{self.path}:{self.line}" + (f" entry {self.entry}" if self.entry is not None else "")


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that could not be used, where, and why; a warning if the rest of the line could."""

    origin: Origin
    reason: str
    warning: bool = False

    def __str__(self) -> str:
        return f"{self.origin}: {'warning: ' if self.warning else ''}{self.reason}"


_EVERY: Final = 500


@dataclass(slots=True)
class Report:
    """Counts by type and fate, and the problems. `say` is called with a line of progress now and then."""

    say: Callable[[str], object]
    counts: Counter[tuple[str, Fate]] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    hours: int = 0

    def count(self, kind: str, fate: Fate) -> None:
        """Note the fate of one thing of this type, and say so each five hundred."""
        self.counts[kind, fate] += 1
        done = self.total(kind)
        if done % _EVERY == 0:
            self.say(f"{kind}: {done} done")

    def bad(self, kind: str, origin: Origin, reason: str) -> None:
        """Note a line that cannot be used; the others can."""
        self.count(kind, Fate.BAD)
        self.problems.append(Problem(origin, reason))

    def warn(self, origin: Origin, reason: str) -> None:
        """Note a part of a line that was left out."""
        self.problems.append(Problem(origin, reason, warning=True))

    def total(self, kind: str) -> int:
        """Return how many things of this type were seen."""
        return sum(count for (one, _), count in self.counts.items() if one == kind)

    @property
    def bad_lines(self) -> int:
        """How many lines could not be used."""
        return sum(count for (_, fate), count in self.counts.items() if fate == Fate.BAD)

    def lines(self) -> list[str]:
        """Return a line for each type: how many are new, known, not usable, ignored."""
        kinds = sorted({kind for kind, _ in self.counts})
        return [
            f"{kind}: "
            + ", ".join(f"{self.counts[kind, fate]} {fate.value}" for fate in Fate if self.counts[kind, fate])
            for kind in kinds
        ]
