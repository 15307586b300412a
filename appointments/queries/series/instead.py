"""Free times near visits that have something in the way: read in two statements, each offered to one visit alone."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.queries.attending import taken_by
from appointments.queries.availability import Calendars, Wanted, calendars_for, starts_between
from appointments.queries.situation import Wish
from mediconnect.errors import NotFound

ALTERNATIVES: Final = 3
# Who cannot be seen on the day is wanted near it: a week before and after, so that the visits keep their distance.
_NEAR: Final = dt.timedelta(days=7)

Range = tuple[dt.datetime, dt.datetime]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A free time that would do instead."""

    provider_id: uuid.UUID
    start: dt.datetime
    end: dt.datetime


class Instead:
    """What is free near some wishes of one patient, apart from when the patient is busy."""

    def __init__(self, calendars: Calendars | None, busy: Sequence[Range]) -> None:
        self._calendars, self._busy = calendars, list(busy)

    @classmethod
    def of(
        cls,
        wishes: Sequence[Wish],
        *,
        taken: Sequence[Range],
        own: Collection[uuid.UUID],
        only: Collection[uuid.UUID] | None,
    ) -> "Instead":
        """Read all that lies near the wishes, which are for one patient and type. `taken` is what the patient has besides.

        The visits `own` do not make the patient busy; `only` are the providers who may be offered, None for all.
        """
        low = min(wish.terms.local_day(wish.span.start)[0] for wish in wishes) - _NEAR
        high = max(wish.terms.local_day(wish.span.start)[1] for wish in wishes) + _NEAR
        longest = max(wishes, key=lambda wish: wish.span.minutes)
        unusual = longest.span.minutes if longest.span.minutes != longest.terms.duration else None
        kind, patient = longest.terms.appointment_type_id, longest.patient_id
        wanted = Wanted(kind, low, high, None if only is None else list(only), minutes=unusual)
        try:
            calendars = calendars_for(wanted)
        except NotFound:
            calendars = None
        elsewhere = taken_by(patient, low, high, besides=own) if patient else []
        return cls(calendars, [*elsewhere, *taken])

    def near(self, wish: Wish) -> list[Alternative]:
        """Return the best three free times, none of which overlap, and offer them to no other wish.

        Of the same day first, then of the same provider, then the nearest.
        """
        midnight, next_midnight = wish.terms.local_day(wish.span.start)

        def rank(one: Alternative) -> tuple[bool, bool, dt.timedelta, dt.datetime]:
            other_day = not midnight <= one.start < next_midnight
            return other_day, one.provider_id != wish.terms.provider_id, abs(one.start - wish.span.start), one.start

        best: list[Alternative] = []
        for windows in (
            ((midnight, next_midnight),),
            ((midnight - _NEAR, midnight), (next_midnight, next_midnight + _NEAR)),
        ):
            for one in sorted((found for window in windows for found in self._free(*window)), key=rank):
                if len(best) < ALTERNATIVES and not _overlaps(one, ((kept.start, kept.end) for kept in best)):
                    best.append(one)
            if len(best) == ALTERNATIVES:
                break
        self._busy += [(one.start, one.end) for one in best]
        return best

    def _free(self, start: dt.datetime, end: dt.datetime) -> Iterator[Alternative]:
        if self._calendars is None:
            return
        busy = [taken for taken in self._busy if taken[0] < end + dt.timedelta(days=1) and taken[1] > start]
        for minute, provider in starts_between(self._calendars, max(start, timezone.now()), end):
            begins = dt.datetime.fromtimestamp(minute * 60, dt.UTC)
            one = Alternative(provider.id, begins, begins + dt.timedelta(minutes=provider.duration))
            if not _overlaps(one, busy):
                yield one


def _overlaps(one: Alternative, busy: Iterator[Range] | Sequence[Range]) -> bool:
    return any(low < one.end and one.start < high for low, high in busy)
