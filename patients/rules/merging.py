"""Two records of one person: what a merge writes down, what it chooses, and until when it can be undone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final, Literal, NotRequired, TypedDict

# So long both sides of a merge are remembered well enough to be told apart again.
REVERSIBLE: Final = dt.timedelta(days=30)

Side = Literal["kept", "gone"]
SIDES: Final[tuple[Side, ...]] = ("kept", "gone")

# What is written about a person once: of two records one side has to be chosen.
CHOSEN: Final = ("given_name", "family_name", "birth_date", "language", "timezone")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two records of one person: `gone` becomes part of `kept`."""

    kept_id: uuid.UUID
    gone_id: uuid.UUID


class Line(TypedDict):
    """One column of one row that a merge wrote: what stood there and what stands there now, as JSON.

    `change` names the row of the history that holds both sides, where they are words about somebody.
    """

    table: str
    id: str
    column: str
    before: Any
    after: Any
    change: NotRequired[int]


@dataclass(frozen=True, slots=True)
class Conflict:
    """One thing that keeps two records apart or, unless it `blocks`, will not simply follow: a code, and what to look at.

    `ids` is empty where it is at a clinic that the caller does not see.
    """

    code: str
    ids: tuple[uuid.UUID, ...] = ()
    blocks: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class MergeChoices:
    """Whose word holds where the two differ. What is not named is the kept record's, or the other's where that has none.

    `account` is whose sign-in stays where both have one. `confirm_birth_date` is the right one of two birth dates, typed.
    """

    sides: Mapping[str, Side]
    account: Side = "kept"
    confirm_birth_date: dt.date | None = None


def chosen_side(name: str, kept: Any, gone: Any, sides: Mapping[str, Side]) -> Side:
    """Return whose word about this holds: the one that was chosen, else the kept record's unless it says nothing."""
    if name in sides:
        return sides[name]
    return "gone" if kept in (None, "") and gone not in (None, "") else "kept"


def joined_notes(kept: str, gone: str) -> str:
    """Return the notes of both, the kept record's first; what both say is said once."""
    parts = dict.fromkeys(part.strip() for part in (kept, gone) if part.strip())
    return "\n\n".join(parts)


def final_from(merged_at: dt.datetime) -> dt.datetime:
    """Return from when on a merge cannot be undone."""
    return merged_at + REVERSIBLE


def alike(lines: Sequence[Line]) -> list[tuple[list[Line], list[str]]]:
    """Return the rows that were written alike: the lines of one of them, and the ids of all.

    What was changed last comes first, as it is put back. Lines that follow each other about one row belong together and
    are put back together; an account by itself, since it stands beside everything else of a record.
    """
    found: dict[tuple[object, ...], tuple[list[Line], list[str]]] = {}
    for _row, written in reversed([(row, list(part)) for row, part in groupby(lines, _row_of)]):
        mark = tuple((line["table"], line["column"], repr(line["before"]), repr(line["after"])) for line in written)
        found.setdefault(mark, (written, []))[1].append(written[0]["id"])
    return list(found.values())


def _row_of(line: Line) -> tuple[str, str, bool]:
    return line["table"], line["id"], line["column"] == "user_id"
