"""Pieces of open time and their arithmetic: cover, cut, compare, count."""

import datetime as dt
import itertools
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .clock import Span

Serves = frozenset[uuid.UUID] | None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of open time (UTC, half-open) and the appointment types it serves; None means all of them."""

    start: dt.datetime
    end: dt.datetime
    serves: Serves = None

    @property
    def minutes(self) -> int:
        """Return its length in whole minutes."""
        return int((self.end - self.start).total_seconds() // 60)


def joined(pieces: Iterable[Piece]) -> list[Piece]:
    """Return pieces that are in order and disjoint with adjoining ones of equal types made one."""
    result: list[Piece] = []
    for piece in pieces:
        if result and result[-1].end == piece.start and result[-1].serves == piece.serves:
            result[-1] = Piece(result[-1].start, piece.end, piece.serves)
        else:
            result.append(piece)
    return result


def cover(pieces: Iterable[Piece]) -> list[Piece]:
    """Return what overlapping pieces amount to, in order and disjoint: each instant serves what any piece serves."""
    todo = sorted(pieces, key=lambda piece: piece.start)
    edges = sorted({edge for piece in todo for edge in (piece.start, piece.end)})
    result, active, taken = [], list[Piece](), 0
    for low, high in itertools.pairwise(edges):
        while taken < len(todo) and todo[taken].start <= low:
            active.append(todo[taken])
            taken += 1
        active = [piece for piece in active if piece.end > low]
        if active:
            result.append(Piece(low, high, _all_of(active)))
    return joined(result)


def _all_of(pieces: Sequence[Piece]) -> Serves:
    served: frozenset[uuid.UUID] = frozenset()
    for piece in pieces:
        if piece.serves is None:
            return None
        served |= piece.serves
    return served


def minus(pieces: Iterable[Piece], absences: Iterable[Span]) -> list[Piece]:
    """Return what absences leave of pieces that are in order and disjoint."""
    away, result, place = _merged(absences), [], 0
    for piece in pieces:
        start = piece.start
        while place < len(away) and away[place][1] <= start:
            place += 1
        for low, high in away[place:]:
            if low >= piece.end:
                break
            if low > start:
                result.append(Piece(start, low, piece.serves))
            start = max(start, high)
        if start < piece.end:
            result.append(Piece(start, piece.end, piece.serves))
    return result


def _merged(spans: Iterable[Span]) -> list[Span]:
    result: list[Span] = []
    for low, high in sorted(spans):
        if result and low <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], high))
        else:
            result.append((low, high))
    return result


def within(pieces: Iterable[Piece], since: dt.datetime, until: dt.datetime | None = None) -> list[Piece]:
    """Return the parts of the pieces that lie from `since` on and, where given, before `until`."""
    cut = (
        Piece(max(piece.start, since), piece.end if until is None else min(piece.end, until), piece.serves)
        for piece in pieces
    )
    return [piece for piece in cut if piece.start < piece.end]


def compared(old: Sequence[Piece], new: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """Return (what opens, what closes) between two lists that are in order and disjoint.

    Time that stays open for other types than before counts on both sides, each with the types that it wins or loses.
    """
    opens, closes = [], []
    for low, high, was, is_now in _overlay(old, new):
        if won := _beyond(is_now, was):
            opens.append(Piece(low, high, won.serves))
        if lost := _beyond(was, is_now):
            closes.append(Piece(low, high, lost.serves))
    return joined(opens), joined(closes)


def _overlay(
    old: Sequence[Piece], new: Sequence[Piece]
) -> Iterator[tuple[dt.datetime, dt.datetime, Piece | None, Piece | None]]:
    edges = sorted({edge for piece in (*old, *new) for edge in (piece.start, piece.end)})
    i = j = 0
    for low, high in itertools.pairwise(edges):
        while i < len(old) and old[i].end <= low:
            i += 1
        while j < len(new) and new[j].end <= low:
            j += 1
        was = old[i] if i < len(old) and old[i].start <= low else None
        is_now = new[j] if j < len(new) and new[j].start <= low else None
        yield low, high, was, is_now


def _beyond(one: Piece | None, other: Piece | None) -> Piece | None:
    """Return `one` with the types that `other` does not serve; None where nothing is left."""
    if one is None or other is None:
        return one
    if one.serves == other.serves or other.serves is None:
        return None
    if one.serves is None:
        return one
    more = one.serves - other.serves
    return Piece(one.start, one.end, more) if more else None


def starts_in(pieces: Iterable[Piece], *, length: int, grid: int, zone: ZoneInfo) -> int:
    """Return how many times on the clinic's grid a visit of `length` minutes could begin in the pieces.

    `grid` counts in minutes after the full hour of the clinic's own clock.
    """
    return sum(_starts(piece, length, grid, zone) for piece in pieces)


def _starts(piece: Piece, length: int, grid: int, zone: ZoneInfo) -> int:
    local = piece.start.astimezone(zone)
    seconds = (local.minute * 60 + local.second) % (grid * 60)
    wait = dt.timedelta(seconds=-seconds % (grid * 60))
    room = piece.end - piece.start - wait - dt.timedelta(minutes=length)
    return int(room / dt.timedelta(minutes=grid)) + 1 if room >= dt.timedelta() else 0
