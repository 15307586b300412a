"""Where somebody stands in line, and about how long it takes: pure, without clock or database."""

import datetime as dt
import math
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

_STEP: Final = 5
"""Minutes to which the edges of an estimate are rounded: nobody believes 23."""

_SOONER: Final = 0.75
_LATER: Final = 1.5
"""How far a wait may be off: visits run over more often than they end early. Our own assumption, until it is measured."""

_MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Somebody who is here. `called` is true of whoever sits in a room already: nobody is put before them."""

    id: uuid.UUID
    urgent: bool
    called: bool
    arrived_at: dt.datetime
    length: dt.timedelta


@dataclass(frozen=True, slots=True)
class Estimate:
    """A wait in minutes, and from how many to how many it may well be."""

    minutes: int
    low: int
    high: int


def ahead_of(one: Waiting, others: Iterable[Waiting]) -> list[Waiting]:
    """Return who is seen before this one: those in a room, then the urgent, then by arrival."""
    return sorted((other for other in others if other.id != one.id and _rank(other) < _rank(one)), key=_rank)


def estimate(*, ahead: Iterable[Waiting], remaining: dt.timedelta, until_own_start: dt.timedelta) -> Estimate:
    """Return how long it takes until somebody is seen.

    That is what is left of the visit that is under way and the lengths of those ahead, but nobody is promised to be seen
    before the time of the own visit. Past lengths of time count as none.
    """
    nothing = dt.timedelta()
    queue = max(remaining, nothing) + sum((other.length for other in ahead), nothing)
    minutes = math.ceil(max(queue, until_own_start, nothing) / _MINUTE)
    return Estimate(minutes, int(minutes * _SOONER) // _STEP * _STEP, math.ceil(minutes * _LATER / _STEP) * _STEP)


def _rank(one: Waiting) -> tuple[bool, bool, dt.datetime, uuid.UUID]:
    return (not one.called, not one.urgent, one.arrived_at, one.id)
