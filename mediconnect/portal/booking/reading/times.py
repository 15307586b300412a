"""The next free starts, a dozen at a time, by day."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils.translation import gettext as _

from appointments.models import Appointment, Hold, Session
from appointments.models.status import CLAIMING
from appointments.queries.availability import Free, Wanted, free_time
from mediconnect.errors import NotFound
from mediconnect.portal.booking.form import Draft, Slot
from mediconnect.portal.desk import Desk

from .choices import Choices, Kind

# A dozen fills the panel without scrolling; whoever needs another asks for more.
SHOWN: Final = 12
# Nearly always the next few hold enough; a month is asked for where they do not, and the whole calendar where it is full.
_REACHES: Final = ((dt.timedelta(days=3), None), (dt.timedelta(days=31), 400), (dt.timedelta(days=731), 60))
# More visits than anybody has ahead.
_MOST_VISITS: Final = 100

Busy = Sequence[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Choice:
    """A start that may be picked. `seats` counts those left in a group, None for a visit of one's own."""

    slot: Slot
    day: str
    date: str
    time: str
    provider: str
    seats: int | None = None


@dataclass(frozen=True, slots=True)
class Day:
    """A day's starts under its heading."""

    heading: str
    choices: Sequence[Choice]


@dataclass(frozen=True, slots=True)
class Offered:
    """What is offered: by day, from when the next dozen is, and whether this is not the first."""

    days: Sequence[Day]
    more: dt.datetime | None
    later: bool

    @property
    def first(self) -> Choice | None:
        """The earliest."""
        return self.days[0].choices[0] if self.days else None


def offer(
    desk: Desk, draft: Draft, chosen: Choices, *, without: Slot | None = None, pinned: Slot | None = None
) -> Offered:
    """Return the next dozen free starts, but for those at which the patient is elsewhere.

    One statement, three in a full calendar; one more where a patient is chosen, and one for a group's seats. With any
    provider a time is offered once, with whoever has most left free on that day. A `pinned` start is among them whether
    free or not: it is what somebody picked, and perhaps holds, before something else in the form went wrong.
    """
    if chosen.kind is None or not chosen.providers:
        return Offered((), None, later=False)
    begin = _begin(desk, draft)
    free = [slot for slot in _free_slots(chosen, begin, busy_of(draft.patient, begin)) if slot not in {without, pinned}]
    own = [pinned] if pinned is not None and pinned.provider_id in chosen.wanted else []
    shown = sorted([*own, *free[: SHOWN - len(own)]], key=lambda slot: slot.start)
    seats = seats_left(chosen.kind, shown) if chosen.kind.is_group else {}
    picked = [choice_of(desk, chosen, slot, seats.get(slot)) for slot in shown]
    days = [Day(heading, tuple(group)) for heading, group in groupby(picked, key=lambda choice: choice.day)]
    rest = free[SHOWN - len(own) :]
    return Offered(days, rest[0].start if rest else None, later=draft.after is not None)


def choice_of(desk: Desk, chosen: Choices, slot: Slot, seats: int | None = None) -> Choice:
    """Return a slot in words."""
    habits = desk.habits
    local = slot.start.astimezone(desk.zone)
    day, date = heading(desk, local.date()), habits.short_day(local.date())
    return Choice(slot, day, date, habits.time(local), chosen.name(slot.provider_id), seats)


def heading(desk: Desk, day: dt.date) -> str:
    """Return the day in words: today and tomorrow by those."""
    near = {0: _("Today"), 1: _("Tomorrow")}.get((day - desk.today).days)
    return f"{near}, {desk.habits.short_day(day)}" if near else desk.habits.short_day(day)


def _begin(desk: Desk, draft: Draft) -> dt.datetime:
    """Return from when on to look: the next dozen, the time wished for, the day asked for, or now."""
    if draft.after is not None:
        return draft.after
    if draft.wish is not None:
        return draft.wish
    day = first_day(desk, draft)
    return desk.span(day)[0] if day > desk.today else desk.now


def first_day(desk: Desk, draft: Draft) -> dt.date:
    """Return the first day to offer: the one asked for, else the one that the board shows; never one that is over."""
    return max(draft.look_from or draft.day or desk.today, desk.today)


def busy_of(patient_id: uuid.UUID | None, begin: dt.datetime) -> Busy:
    """Return when the patient is in a visit, wherever that is, from a moment on, as minutes since 1970. One statement."""
    if patient_id is None:
        return []
    visits = Appointment.objects.filter(patient=patient_id, status__in=CLAIMING, ends_at__gt=begin)
    rows = visits.order_by("starts_at").values_list("starts_at", "ends_at")[:_MOST_VISITS]
    return [(int(start.timestamp() // 60), -int(-end.timestamp() // 60)) for start, end in rows]


def fits(busy: Busy, minute: int, length: int) -> bool:
    """Return whether a visit of that length beginning then meets none of the patient's."""
    return all(minute + length <= start or minute >= end for start, end in busy)


def _free_slots(chosen: Choices, begin: dt.datetime, busy: Busy) -> list[Slot]:
    """Return one start more than is shown, where there are as many: it says whether there is more."""
    slots: list[Slot] = []
    for reach, limit in _REACHES:
        try:
            free = free_time(_wanted(chosen, begin, reach), limit=limit)
        except NotFound:  # nobody of these offers the type
            return []
        slots = _once_each(free, busy)[: SHOWN + 1]
        if len(slots) > SHOWN:
            break
    return slots


def _wanted(chosen: Choices, begin: dt.datetime, reach: dt.timedelta) -> Wanted:
    kind = chosen.kind.id if chosen.kind else uuid.UUID(int=0)
    return Wanted(kind, begin, begin + reach, chosen.wanted, second_provider_id=chosen.second)


def _once_each(free: Free, busy: Busy) -> list[Slot]:
    """Return each time once, with the provider who has most starts free within a day of it."""
    left = Counter((minute // (24 * 60), place) for minute, place, _room in free.starts)
    slots = []
    fitting = (start for start in free.starts if fits(busy, start[0], free.durations[start[1]]))
    for minute, group in groupby(fitting, key=lambda start: start[0]):
        place = max((place for _minute, place, _room in group), key=lambda one: left[minute // (24 * 60), one])
        slots.append(Slot(free.providers[place], dt.datetime.fromtimestamp(minute * 60, dt.UTC)))
    return slots


def seats_left(kind: Kind, slots: Collection[Slot]) -> dict[Slot, int]:
    """Return how many seats each start of a group has left: all of them where nobody has met yet. One statement."""
    held = Hold.objects.filter(session=OuterRef("pk"), expires_at__gt=Now()).order_by().values("session")
    sessions = Session.objects.filter(
        appointment_type=kind.id,
        provider__in={slot.provider_id for slot in slots},
        starts_at__in={slot.start for slot in slots},
    ).annotate(
        taken=Count("appointments", filter=Q(appointments__status__in=CLAIMING)),
        held=Coalesce(Subquery(held.annotate(count=Count("pk")).values("count")), 0),
    )
    known = {
        (provider, start): max(0, capacity - taken - held)
        for provider, start, capacity, taken, held in sessions.values_list(
            "provider_id", "starts_at", "capacity", "taken", "held"
        )
    }
    return {slot: known.get((slot.provider_id, slot.start), kind.capacity) for slot in slots}
