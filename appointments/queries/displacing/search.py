"""Choose a new time for each displaced visit: pure arithmetic over what was read, one visit after the other.

What one visit is given is taken for the next. With the same provider after the absence where that is wanted, else with the
substitutes in their order, each time the free time that is nearest to the old one.
"""

import datetime as dt
import heapq
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from appointments.queries.availability import Calendars, Thing, starts_blocked_by
from appointments.rules.starts import Ranges, blocked_starts, common, covers, free_starts, meets, merged, minus, on_grid
from appointments.rules.terms import zone_of

from .grounds import Grounds, Seats, minutes_of
from .hits import Away, Hit

# Nobody can answer, and set out, for a time that is nearer: what is sooner is for the phone.
LEAD: Final = dt.timedelta(hours=2)


@dataclass(frozen=True, slots=True)
class Ways:
    """The rules by which new times are found: with whom, how far from the old time or the absence's end, in days.

    `answer_hours` is how long a time is held for an answer; `moves_without_asking` moves at once.
    """

    same_provider: bool = True
    substitutes: tuple[uuid.UUID, ...] = ()
    within_days: int = 14
    answer_hours: int = 24
    moves_without_asking: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """A new time for a visit: with whom, where, when, and what is kept free around it (minutes)."""

    provider_id: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    buffer_before: int
    buffer_after: int
    second_provider_id: uuid.UUID | None = None
    room_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None

    @property
    def takes(self) -> list[uuid.UUID]:
        """Return the providers, room and device that it takes; a seat in a group takes none."""
        taken = (self.provider_id, self.second_provider_id, self.room_id, self.device_id)
        return [] if self.session_id else [one for one in taken if one]


@dataclass(frozen=True, slots=True)
class _Pair:
    """Who would see the visit, and the minutes between which it may begin."""

    first: Thing
    second: Thing | None
    window: tuple[int, int]


class Search:
    """A search over one reading of the calendars. `found` takes no time; `take` does."""

    def __init__(self, grounds: Grounds, away: Away, ways: Ways, now: dt.datetime) -> None:
        """Look for times that begin two hours from `now` at the soonest."""
        self._grounds, self._away, self._ways = grounds, away, ways
        self._soonest = max(now + LEAD, away.starts_at)
        self._taken: dict[uuid.UUID, Ranges] = defaultdict(list)
        self._patients: dict[uuid.UUID, Ranges] = defaultdict(list)
        self._seats: dict[uuid.UUID, int] = defaultdict(int)
        self._days: dict[tuple[uuid.UUID, uuid.UUID, dt.date], int] = defaultdict(int)

    def found(self, hit: Hit) -> Found | None:
        """Return the best new time for the visit, or None where nothing is free by the rules."""
        return next(self._all(hit, 1), None)

    def several(self, hit: Hit, most: int) -> list[Found]:
        """Return up to so many new times, the best first; those of one provider come together."""
        found: list[Found] = []
        for one in self._all(hit, most):
            found.append(one)
            if len(found) == most:
                break
        return found

    def at(self, hit: Hit, provider_id: uuid.UUID, start: dt.datetime) -> Found | None:
        """Return the time that somebody chose for the visit, or None where it is not free any more."""
        minute = minutes_of(start, start)[0]
        wanted = replace(self._ways, same_provider=False, substitutes=(provider_id,))
        for pair in self._pairs(hit, wanted):
            if pair.window[0] <= minute < pair.window[1]:
                narrow = replace(pair, window=(minute, minute + 1))
                return next(self._with(hit, narrow, 1), None)
        return None

    def take(self, hit: Hit, found: Found) -> None:
        """Keep the time from whoever is looked after next."""
        visit, minutes = hit.visit, minutes_of(found.starts_at, found.ends_at)
        self._patients[visit.patient_id].append(minutes)
        if found.session_id:
            self._seats[found.session_id] += 1
        for one in found.takes:
            self._taken[one].append((minutes[0] - found.buffer_before, minutes[1] + found.buffer_after))
        calendars = self._calendars(hit)
        if calendars is not None:
            day = found.starts_at.astimezone(zone_of(calendars.timezone)).date()
            self._days[visit.appointment_type_id, found.provider_id, day] += 1

    def _calendars(self, hit: Hit) -> Calendars | None:
        return self._grounds.calendars.get((hit.visit.appointment_type_id, hit.length))

    def _all(self, hit: Hit, most: int) -> Iterator[Found]:
        for pair in self._pairs(hit, self._ways):
            yield from self._with(hit, pair, most)

    def _with(self, hit: Hit, pair: _Pair, most: int) -> Iterator[Found]:
        return self._in_groups(hit, pair, most) if hit.is_seat else self._alone(hit, pair, most)

    def _pairs(self, hit: Hit, ways: Ways) -> Iterator[_Pair]:
        """Yield who may see the visit, in the order of preference; whoever is not away stays with it."""
        visit, calendars = hit.visit, self._calendars(hit)
        if calendars is None:
            return
        things = {one.id: self._as_taken(one) for one in calendars.providers}
        replaces_second = visit.second_provider_id is not None and not self._away.is_of(visit.provider_id)
        own = visit.second_provider_id if replaces_second else visit.provider_id
        for one in dict.fromkeys([*([own] if own and ways.same_provider else []), *ways.substitutes]):
            first, second = (visit.provider_id, one) if replaces_second else (one, visit.second_provider_id)
            if first == second or first not in things:
                continue
            beside = self._beside(visit.appointment_type_id, second, things) if second else None
            if second is None or beside is not None:
                yield _Pair(things[first], beside, self._window(hit, first, second))

    def _beside(self, kind: uuid.UUID, second: uuid.UUID, things: Mapping[uuid.UUID, Thing]) -> Thing | None:
        """Return the calendar of a second provider, who need not offer the type."""
        thing = self._grounds.beside.get((kind, second))
        return things.get(second) or (self._as_taken(thing) if thing else None)

    def _window(self, hit: Hit, first: uuid.UUID, second: uuid.UUID | None) -> tuple[int, int]:
        """Return between which minutes the visit may begin: after the absence with whoever is away."""
        is_away = self._away.is_of(first) or self._away.is_of(second)
        soonest = max(self._soonest, self._away.ends_at) if is_away else self._soonest
        latest = max(hit.visit.ends_at, self._away.ends_at) + dt.timedelta(days=self._ways.within_days)
        return minutes_of(soonest, soonest)[1], minutes_of(latest, latest)[0]

    def _as_taken(self, thing: Thing) -> Thing:
        taken = self._taken.get(thing.id)
        return replace(thing, busy=merged([*thing.busy, *taken])) if taken else thing

    def _alone(self, hit: Hit, pair: _Pair, most: int) -> Iterator[Found]:
        """Yield the free starts with these providers, the nearest to the old time first."""
        calendars = self._grounds.calendars[hit.visit.appointment_type_id, hit.length]
        first, length = pair.first, hit.length or pair.first.duration
        shape = (first.before, length, first.after)
        rooms, devices = (
            None if group is None else [self._as_taken(one) for one in group]
            for group in (calendars.rooms, calendars.devices)
        )
        zone = zone_of(calendars.timezone)
        free = _free(pair, shape, [group for group in (rooms, devices) if group is not None])
        old = minutes_of(hit.visit.starts_at, hit.visit.ends_at)[0]
        fitting = (
            minute
            for minute in on_grid(free, grid=calendars.grid, zone=zone)
            if self._suits(hit, first, minute, minute + length, dt.datetime.fromtimestamp(minute * 60, zone).date())
        )
        for minute in heapq.nsmallest(most, fitting, key=lambda one: (abs(one - old), one)):
            start = dt.datetime.fromtimestamp(minute * 60, dt.UTC)
            yield Found(
                first.id,
                start,
                start + dt.timedelta(minutes=length),
                first.before,
                first.after,
                pair.second.id if pair.second else None,
                _place(rooms, shape, minute, hit.visit.room_id),
                _place(devices, shape, minute, hit.visit.device_id),
            )

    def _in_groups(self, hit: Hit, pair: _Pair, most: int) -> Iterator[Found]:
        """Yield the groups of the provider that meet next and have a free seat, in order of time."""
        there = [
            seats
            for seats in self._grounds.seats.get(hit.visit.appointment_type_id, ())
            if seats.provider_id == pair.first.id and self._has_seat(hit, seats, pair)
        ]
        for seats in there[:most]:
            yield Found(
                seats.provider_id,
                seats.starts_at.astimezone(dt.UTC),
                seats.ends_at.astimezone(dt.UTC),
                seats.buffer_before,
                seats.buffer_after,
                None,
                seats.room_id,
                seats.device_id,
                seats.session_id,
            )

    def _has_seat(self, hit: Hit, seats: Seats, pair: _Pair) -> bool:
        low, high = minutes_of(seats.starts_at, seats.ends_at)
        return (
            pair.window[0] <= low < pair.window[1]
            and seats.free > self._seats[seats.session_id]
            and covers(pair.first.opens, low, high)
            and self._suits(hit, pair.first, low, high, None)
        )

    def _suits(self, hit: Hit, provider: Thing, low: int, high: int, day: dt.date | None) -> bool:
        """Return whether the patient is nowhere else then, and the provider's day is not full."""
        visit = hit.visit
        attended = self._grounds.elsewhere.get(visit.patient_id, ())
        if any(start < high and end > low for pk, start, end in attended if pk != visit.pk):
            return False
        if meets(merged(self._patients[visit.patient_id]), low, high):
            return False
        most = self._grounds.limits.most.get(visit.appointment_type_id)
        if most is None or day is None:
            return True
        key = (visit.appointment_type_id, provider.id, day)
        return self._grounds.limits.booked.get(key, 0) + self._days[key] < most


def plan(search: Search, hits: Iterable[Hit]) -> list[tuple[Hit, Found | None]]:
    """Return each visit with its new time, or None for the call list; whoever came first is looked after first."""
    planned = []
    for hit in hits:
        found = search.found(hit)
        if found is not None:
            search.take(hit, found)
        planned.append((hit, found))
    return planned


def _free(pair: _Pair, shape: tuple[int, int, int], needed: Sequence[Sequence[Thing]]) -> Ranges:
    """Return when a visit of this shape may begin with these providers while a room and a device are free for it."""
    before, length, after = shape
    if pair.window[0] >= pair.window[1]:
        return []
    free: Ranges = [pair.window]
    for one in (pair.first, pair.second):
        if one is not None:
            busy = blocked_starts(one.busy, before=before, length=length, after=after)
            free = common([free, free_starts(one.opens, [busy], length=length)])
    for group in needed:
        blocked = common([starts_blocked_by(thing, shape, pair.window) for thing in group]) if group else [pair.window]
        free = minus(free, blocked)
    return free


def _place(
    things: Sequence[Thing] | None, shape: tuple[int, int, int], minute: int, liked: uuid.UUID | None
) -> uuid.UUID | None:
    """Return the room or device for the visit: the one that it had where that is free, else the first free one."""
    before, length, after = shape
    free = [
        thing.id
        for thing in things or ()
        if not meets(thing.busy, minute - before, minute + length + after)
        and (not thing.has_hours or covers(thing.opens, minute, minute + length))
    ]
    return liked if liked in free else next(iter(free), None)
