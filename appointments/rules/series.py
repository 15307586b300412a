"""Visits that come back: which moments a finite rule means by the clinic's clock, and where later moves have put them."""

import calendar
import datetime as dt
import enum
import uuid
import zoneinfo
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Final, Literal

from providers.rules.clock import instant_of
from providers.rules.recurrence import Recurrence, UnusableRule, read_rule

from .admission import Conflict, Situation
from .terms import Span, Terms

# One visit is no series; sixty are more than a year of weekly ones, and as many as a person reads before agreeing.
LEAST: Final = 2
MOST: Final = 60
# A rule is followed for five years at most: sixty visits, one each month.
_LONGEST: Final = dt.timedelta(days=5 * 366)
_FREQUENCIES: Final = ("DAILY", "WEEKLY", "MONTHLY")
_DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
_SHORTEST_MONTH: Final = 28


class Scope(enum.StrEnum):
    """Which visits of a series a change is meant for, seen from one of them."""

    THIS = "this"
    FOLLOWING = "following"
    ALL = "all"

    def includes(self, number: int, seen_from: int) -> bool:
        """Return whether it includes that visit; `following` begins with the one it is seen from."""
        return self == Scope.ALL or number == seen_from or (self == Scope.FOLLOWING and number > seen_from)


Every = Literal["day", "week", "date", "weekday", "last-weekday"]


@dataclass(frozen=True, slots=True)
class Shift:
    """A move of all visits from number `since` on: by so many days, to a time of day, to a provider; None where that stays."""

    since: int
    days: int = 0
    time: dt.time | None = None
    provider_id: uuid.UUID | None = None

    def packed(self) -> dict[str, Any]:
        """Return it as JSON for `Series.shifts`."""
        return {
            "since": self.since,
            "days": self.days,
            "time": self.time.isoformat(timespec="minutes") if self.time else None,
            "provider": str(self.provider_id) if self.provider_id else None,
        }

    @classmethod
    def unpacked(cls, packed: Mapping[str, Any]) -> "Shift":
        """Return the shift that was packed."""
        time, provider = packed["time"], packed["provider"]
        return cls(
            packed["since"],
            packed["days"],
            dt.time.fromisoformat(time) if time else None,
            uuid.UUID(provider) if provider else None,
        )


@dataclass(frozen=True, slots=True)
class Occurrence:
    """One visit of a pattern: its number from 1, its day, and its first instant (UTC).

    `skipped` says that the clinic's clock skips the time on that day, so that the visit begins when the clock goes on.
    """

    number: int
    day: dt.date
    start: dt.datetime
    skipped: bool = False


@dataclass(frozen=True)
class Pattern:
    """A finite rule of days, a time of day, the days that were left out, and the moves since."""

    rule: Recurrence
    time: dt.time
    left_out: frozenset[dt.date] = frozenset()
    shifts: tuple[Shift, ...] = ()

    @property
    def text(self) -> str:
        """Return the rule as RFC 5545 writes it, its end included."""
        end = f"COUNT={self.rule.count}" if self.rule.count else f"UNTIL={self.rule.until:%Y%m%d}"
        return f"{self.rule.text};{end}"

    @cached_property
    def days(self) -> list[dt.date]:
        """The days of the rule that have a visit, in order, before any move."""
        days = self.rule.dates(self.rule.first, self.rule.first + _LONGEST)
        return [day for day in days if day not in self.left_out]

    def occurrences(self, zone: zoneinfo.ZoneInfo) -> list[Occurrence]:
        """Return all occurrences by that clock, each at its time of day: a skipped one later, one shown twice the first time."""
        return [self._at(number, day, zone) for number, day in enumerate(self.days, 1)]

    def _at(self, number: int, day: dt.date, zone: zoneinfo.ZoneInfo) -> Occurrence:
        passed = [shift for shift in self.shifts if shift.since <= number]
        day += dt.timedelta(days=sum(shift.days for shift in passed))
        time = next((shift.time for shift in reversed(passed) if shift.time), self.time)
        wall = dt.datetime.combine(day, time)
        start = instant_of(wall, zone)
        return Occurrence(number, day, start, start.astimezone(zone).replace(tzinfo=None) != wall)

    def shifted(self, shift: Shift) -> "Pattern":
        """Return the pattern with one more move."""
        return replace(self, shifts=(*self.shifts, shift))

    def provider_at(self, number: int, first: uuid.UUID) -> uuid.UUID:
        """Return with whom the occurrence is, where `first` is whom the series was booked with."""
        passed = [shift.provider_id for shift in self.shifts if shift.since <= number and shift.provider_id]
        return passed[-1] if passed else first


def read_pattern(rrule: str, starts_on: dt.date, time: dt.time, *, horizon: dt.date) -> Pattern:
    """Return the pattern of an RRULE such as FREQ=WEEKLY;INTERVAL=2;COUNT=8, begun on a day, at a time of day.

    Raises `UnusableRule` with a sentence: for a rule that is no RFC 5545, of other than days, weeks or months, without an
    end or with an UNTIL beyond `horizon`, and for one of fewer than two or more than sixty visits, or of over five years.
    A month without the day of a BYMONTHDAY has no visit, as the RFC says; `compose` writes rules that take its last day.
    """
    rule = read_rule(rrule, starts_on)
    if not any(f"FREQ={frequency}" in rule.text.split(";") for frequency in _FREQUENCIES):
        raise UnusableRule("A series comes back daily, weekly or monthly.")
    if rule.count is None and rule.until is None:
        raise UnusableRule("A series has an end: give a COUNT, or an UNTIL.")
    if rule.until is not None and rule.until > horizon:
        raise UnusableRule(f"The calendar is open until {horizon.isoformat()}; the series may end then at the latest.")
    if time.second or time.microsecond or time.tzinfo is not None:
        raise UnusableRule("A visit starts at a whole minute of the clinic's clock.")
    pattern = Pattern(rule, time)
    _check_size(rule, pattern)
    return pattern


def _check_size(rule: Recurrence, pattern: Pattern) -> None:
    if not LEAST <= (rule.count or len(pattern.days)) <= MOST:
        raise UnusableRule(f"A series has {LEAST} to {MOST} visits.")
    if rule.count is not None and len(pattern.days) < rule.count:
        raise UnusableRule("A series ends within five years.")


def kept_pattern(
    rrule: str, starts_on: dt.date, time: dt.time, *, left_out: Collection[dt.date], shifts: Sequence[Mapping[str, Any]]
) -> Pattern:
    """Return the pattern that a series keeps, read again."""
    unpacked = tuple(Shift.unpacked(shift) for shift in shifts)
    return Pattern(read_rule(rrule, starts_on), time, frozenset(left_out), unpacked)


def compose(
    every: Every, first: dt.date, *, interval: int = 1, weekdays: Collection[int] = (), end: int | dt.date
) -> str:
    """Return the RRULE of a pattern chosen in words; `weekdays` are 0 to 6 from Monday, `end` a number of visits or a day.

    `date` is the first day's date in each month, or the last day of a month that is shorter: nobody who comes monthly is
    forgotten in February. `weekday` is the second Tuesday, if the first day is one; a fifth weekday is the last one.
    """
    parts = {"day": "FREQ=DAILY", "week": "FREQ=WEEKLY"}.get(every, "FREQ=MONTHLY")
    if interval > 1:
        parts += f";INTERVAL={interval}"
    if every == "week":
        parts += ";BYDAY=" + ",".join(_DAYS[number] for number in sorted(set(weekdays) or {first.weekday()}))
    elif every == "date":
        parts += ";" + _month_days(first.day)
    elif every in {"weekday", "last-weekday"}:
        nth = (first.day + 6) // 7
        parts += f";BYDAY={-1 if every == 'last-weekday' or nth == 5 else nth}{_DAYS[first.weekday()]}"
    return f"{parts};COUNT={end}" if isinstance(end, int) else f"{parts};UNTIL={end:%Y%m%d}"


def _month_days(day: int) -> str:
    if day <= _SHORTEST_MONTH:
        return f"BYMONTHDAY={day}"
    return f"BYMONTHDAY={','.join(map(str, range(_SHORTEST_MONTH, day + 1)))};BYSETPOS=-1"


def is_last_weekday(day: dt.date) -> bool:
    """Return whether no later day of the month is the same weekday."""
    return day.day + 7 > calendar.monthrange(day.year, day.month)[1]


@dataclass(frozen=True, slots=True)
class Taken:
    """A time that an earlier visit of the same series is about to take."""

    provider_id: uuid.UUID
    span: Span


def overlaps(span: Span, taken: Sequence[Taken]) -> bool:
    """Return whether the patient would be in two places."""
    return any(one.span.start < span.end and span.start < one.span.end for one in taken)


def beside(situation: Situation, terms: Terms, span: Span, taken: Sequence[Taken]) -> Situation:
    """Return the situation as it will be once the earlier visits of the series are there: their claims, and the day's count."""
    low, high = span.occupied
    own = [one for one in taken if one.provider_id == terms.provider_id]
    day = terms.local_day(span.start)
    conflicts = [
        Conflict(terms.provider_id, *one.span.occupied, None, one.span.buffer_before, one.span.buffer_after)
        for one in own
        if one.span.occupied[0] < high and low < one.span.occupied[1]
    ]
    that_day = sum(day[0] <= one.span.start < day[1] for one in own)
    return replace(
        situation,
        conflicts=[*situation.conflicts, *conflicts],
        visits_that_day=situation.visits_that_day + that_day,
    )


@dataclass(frozen=True, slots=True)
class Leap:
    """A visit that goes from one occupied time to another."""

    number: int
    old: tuple[dt.datetime, dt.datetime]
    new: tuple[dt.datetime, dt.datetime]


def in_order(leaps: Sequence[Leap]) -> list[int] | None:
    """Return the numbers in an order in which each visit finds its time left by the others; None where they only exchange."""
    waiting, order = list(leaps), list[int]()
    while waiting:
        ready = next((leap for leap in waiting if not _stands_in_the_way(leap, waiting)), None)
        if ready is None:
            return None
        waiting.remove(ready)
        order.append(ready.number)
    return order


def _stands_in_the_way(leap: Leap, waiting: Sequence[Leap]) -> bool:
    return any(
        other.number != leap.number and other.old[0] < leap.new[1] and leap.new[0] < other.old[1] for other in waiting
    )
