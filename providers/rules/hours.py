"""Hours as people say them, expanded into pieces of open time."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from .clock import Span, days_as_span, hours_on, start_of_day
from .pieces import Piece, Serves, cover, joined, minus, within
from .recurrence import read_rule

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """Hours that come back on a weekday (0 is Monday) or by a rule of recurrence counted from `valid_from`."""

    start: dt.time
    end: dt.time
    valid_from: dt.date
    valid_until: dt.date | None = None
    weekday: int | None = None
    rrule: str = ""
    types: Collection[uuid.UUID] = ()

    def dates(self, since: dt.date, until: dt.date) -> list[dt.date]:
        """Return the days on which they begin, from `since` to `until`, both included."""
        first = max(since, self.valid_from)
        last = min(until, self.valid_until) if self.valid_until else until
        if self.rrule:
            return read_rule(self.rrule, self.valid_from).dates(first, last)
        if self.weekday is None:
            return []
        begin = first + dt.timedelta(days=(self.weekday - first.weekday()) % 7)
        return [begin + dt.timedelta(days=day) for day in range(0, (last - begin).days + 1, 7)]


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDate:
    """Hours on one date."""

    date: dt.date
    start: dt.time
    end: dt.time
    types: Collection[uuid.UUID] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """All that decides when a resource is open at a clinic."""

    zone: ZoneInfo
    recurring: Collection[Recurring] = ()
    on_dates: Collection[OnDate] = ()
    holidays: Collection[dt.date] = ()
    absences: Collection[Span] = ()


def expand(plan: Plan, since: dt.date, until: dt.date) -> list[Piece]:
    """Return the open time from the beginning of `since` through hours that begin on `until`: in order, disjoint, joined.

    Public holidays close hours that come back, midnight to midnight; hours put on one date stand, since whoever
    entered them meant that day. Closures and time off close both.
    """
    days = [days_as_span(day, day, plan.zone) for day in plan.holidays]
    recurring = minus(cover(_recurring(plan, since - _DAY, until)), days)
    open_time = cover([*recurring, *_on_dates(plan, since - _DAY, until)])
    return joined(within(minus(open_time, plan.absences), start_of_day(since, plan.zone)))


def _recurring(plan: Plan, since: dt.date, until: dt.date) -> Iterator[Piece]:
    for hours in plan.recurring:
        serves = _serves(hours.types)
        for day in hours.dates(since, until):
            for start, end in hours_on(day, hours.start, hours.end, plan.zone):
                yield Piece(start, end, serves)


def _on_dates(plan: Plan, since: dt.date, until: dt.date) -> Iterator[Piece]:
    for hours in plan.on_dates:
        if since <= hours.date <= until:
            for start, end in hours_on(hours.date, hours.start, hours.end, plan.zone):
                yield Piece(start, end, _serves(hours.types))


def _serves(types: Collection[uuid.UUID]) -> Serves:
    return frozenset(types) or None
