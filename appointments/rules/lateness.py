"""When will whoever is booked really be seen? A provider's rest of the day, worked out from where it stands: pure."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

STEP: Final = 5
"""Minutes to which a delay is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ahead:
    """A visit that is still to begin. `here` is true once its patient has come."""

    id: uuid.UUID
    starts_at: dt.datetime
    length: dt.timedelta
    here: bool


def delays(visits: Iterable[Ahead], *, free_from: dt.datetime) -> dict[uuid.UUID, dt.timedelta]:
    """Return how much later than its time each visit is likely to begin; never negative.

    The provider is free from `free_from` on and sees one after the other in the order of their times, none before its
    time. A visit whose patient has not come keeps its place: it is not known to be missed.
    """
    late: dict[uuid.UUID, dt.timedelta] = {}
    for visit in sorted(visits, key=lambda one: (one.starts_at, one.id)):
        begins = max(free_from, visit.starts_at)
        late[visit.id] = begins - visit.starts_at
        free_from = begins + visit.length
    return late


def told_minutes(late: dt.timedelta) -> int:
    """Return a delay as it is told: whole five minutes, rounded down, since a promise of more keeps people away."""
    return int(late / dt.timedelta(minutes=STEP)) * STEP


def worth_telling(late: dt.timedelta, *, threshold: int | None) -> bool:
    """Return whether a delay reaches the clinic's threshold (minutes); None tells nobody."""
    return threshold is not None and told_minutes(late) >= threshold
