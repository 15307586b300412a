"""Who may be offered a time that was freed: wishes, their order, minutes to answer, and the reasons for passing over."""

import datetime as dt
import enum
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeVar
from zoneinfo import ZoneInfo

# No visit is shorter, so what is left over of a time and shorter than this is of no use.
SHORTEST: Final = dt.timedelta(minutes=5)

# The hold outlives its offer, so that the time passes to the next person without being free in between.
GRACE: Final = dt.timedelta(seconds=60)

# An answer is given before the visit begins, whatever a clinic sets.
_BEFORE_THE_START: Final = dt.timedelta(minutes=1)
_DAY, _FOUR_HOURS = dt.timedelta(days=1), dt.timedelta(hours=4)


class Passed(enum.StrEnum):
    """Why somebody whose wish a freed time met was not offered it."""

    GAVE_BACK = "gave_back"  # the time is the one that this person gave back
    HAS_OFFER = "has_offer"  # another wish of this person has an offer
    NOT_SOONER = "not_sooner"  # the visit that it would bring forward is no later
    NOTICE = "notice"  # the person must know sooner
    OWN_VISIT = "own_visit"  # the person has another visit then
    QUIET_HOURS = "quiet_hours"  # the person sleeps
    OTHERS_FIRST = "others_first"  # somebody before them in the order was asked
    TOO_LATE = "too_late"  # the clinic offers nothing so shortly before the start
    NO_FIT = "no_fit"  # hours, neighbours or buffers leave too little for a visit of this type
    NO_ROOM = "no_room"  # no room or device is free
    DAY_FULL = "day_full"  # the provider's day has enough visits of this type


class Why(enum.StrEnum):
    """Why an offer was taken back."""

    UNDONE = "undone"  # the visit that gave the time back has it again
    LEFT = "left"  # the person left the list
    VISIT_OVER = "visit_over"  # the visit that it would bring forward is over, cancelled or no later any more
    CLOSED = "closed"  # the time is not to be had any more


# What a rule of booking says about a freed time, in the words of the list.
WHY_BLOCKED: Final = {"room": Passed.NO_ROOM, "daily_limit": Passed.DAY_FULL}


@dataclass(frozen=True, slots=True)
class Asking:
    """A wish as the rules see it; empty sets and None mean any. Days and hours are the clinic's own clock."""

    from_date: dt.date
    until_date: dt.date
    providers: frozenset[uuid.UUID] = frozenset()
    weekdays: frozenset[int] = frozenset()
    earliest_time: dt.time | None = None
    latest_time: dt.time | None = None
    notice_minutes: int = 0

    def meets(self, start: dt.datetime, end: dt.datetime, provider_id: uuid.UUID, zone: ZoneInfo) -> bool:
        """Return whether a visit at this time, with this provider, is one that was wished for."""
        begins, ends = start.astimezone(zone), end.astimezone(zone)
        return (
            (not self.providers or provider_id in self.providers)
            and self.from_date <= begins.date() <= self.until_date
            and (not self.weekdays or begins.weekday() in self.weekdays)
            and (self.earliest_time is None or begins.time() >= self.earliest_time)
            and (self.latest_time is None or (ends.date() == begins.date() and ends.time() <= self.latest_time))
        )

    def knows_in_time(self, start: dt.datetime, now: dt.datetime) -> bool:
        """Return whether the person would know as long before the visit as they must."""
        return start - now >= dt.timedelta(minutes=self.notice_minutes)


@dataclass(frozen=True, slots=True)
class Patience:
    """How many minutes a clinic leaves to answer, by the notice that is left, and from when on it asks nobody any more."""

    over_a_day: int
    over_four_hours: int
    under_four_hours: int
    latest: int

    def answer_by(self, start: dt.datetime, now: dt.datetime) -> dt.datetime | None:
        """Return until when an offer that is made now stands: never to the start. None where it is too late for one."""
        left = start - now
        if left < dt.timedelta(minutes=self.latest) or left <= 2 * _BEFORE_THE_START:
            return None
        if left > _DAY:
            minutes = self.over_a_day
        else:
            minutes = self.over_four_hours if left > _FOUR_HOURS else self.under_four_hours
        return min(now + dt.timedelta(minutes=minutes), start - _BEFORE_THE_START)


class Placed(Protocol):
    """Somebody with a place in the order."""

    @property
    def priority(self) -> int:
        """How soon it matters, the highest first."""
        ...

    @property
    def joined_at(self) -> dt.datetime:
        """Since when they wait."""
        ...

    @property
    def entry_id(self) -> uuid.UUID:
        """What decides among equals, so that the order is always the same."""
        ...


Waiting = TypeVar("Waiting", bound=Placed)


def place(waiting: Placed, *, by_priority: bool) -> tuple[int, dt.datetime, uuid.UUID]:
    """Return where somebody stands: by priority, then age; or by age alone. The smallest is first."""
    return (-waiting.priority if by_priority else 0, waiting.joined_at, waiting.entry_id)


def merged(lines: Iterable[Sequence[Waiting]], *, by_priority: bool) -> list[Waiting]:
    """Return the lines of several types of visit as one: each keeps its own order, whose head is first comes first."""
    heads = [list(reversed(line)) for line in lines if line]
    result: list[Waiting] = []
    while heads:
        first = min(heads, key=lambda line: place(line[-1], by_priority=by_priority))
        result.append(first.pop())
        heads = [line for line in heads if line]
    return result


def overlap(start: dt.datetime, end: dt.datetime, others: Iterable[tuple[dt.datetime, dt.datetime]]) -> bool:
    """Return whether the time shares a moment with one of the others."""
    return any(low < end and start < high for low, high in others)


def left_over(
    whole: tuple[dt.datetime, dt.datetime], taken: Iterable[tuple[dt.datetime, dt.datetime]]
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return what is left of a stretch of time once the others are taken out of it, pieces too short for any visit left out."""
    low, high = whole
    result = []
    for begins, ends in sorted(taken):
        if ends <= low or begins >= high:
            continue
        if begins - low >= SHORTEST:
            result.append((low, begins))
        low = max(low, ends)
    if high - low >= SHORTEST:
        result.append((low, high))
    return result
