"""What somebody at the desk has chosen of a series so far: the pattern in words, and what becomes of each visit."""

import datetime as dt
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.http import QueryDict
from django.utils.dateparse import parse_date, parse_time
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.rules.series import LEAST, MOST, Every, compose
from appointments.services.series.booking import Choice, SeriesBooking
from mediconnect.errors import Invalid, NotFound
from mediconnect.portal.booking.form import LONGEST_REASON, Slot, as_id, read_draft
from mediconnect.portal.desk import Desk

OUT: Final = "out"
AS_PLANNED: Final = "as"
USUAL_COUNT: Final = 6
_CHOICE: Final = re.compile(r"o-(\d{1,3})")
# The value of the list, the words beside it, the frequency and the interval that it means.
PATTERNS: Final[Mapping[str, tuple[str, Every, int]]] = {
    "day": (gettext_noop("every day"), "day", 1),
    "week-1": (gettext_noop("every week"), "week", 1),
    "week-2": (gettext_noop("every second week"), "week", 2),
    "week-3": (gettext_noop("every third week"), "week", 3),
    "week-4": (gettext_noop("every fourth week"), "week", 4),
    "date": (gettext_noop("every month, on this date"), "date", 1),
    "weekday": (gettext_noop("every month, on this weekday (as the second Tuesday)"), "weekday", 1),
    "last-weekday": (gettext_noop("every month, on the last such weekday"), "last-weekday", 1),
}


@dataclass(frozen=True, slots=True)
class Repeat:
    """A series as far as it goes. `picked` are the values of the radios by number; `of` is the pattern that they were for."""

    patient: uuid.UUID | None
    kind: uuid.UUID | None
    provider: uuid.UUID | None
    first: dt.date
    time: dt.time
    every: str
    weekdays: tuple[int, ...]
    count: int
    until: dt.date | None
    reason: str
    picked: Mapping[int, str]
    of: str
    act: str

    @property
    def rrule(self) -> str:
        """Return the pattern as a rule."""
        _words, every, interval = PATTERNS[self.every]
        end = self.until or self.count
        return compose(every, self.first, interval=interval, weekdays=self.weekdays, end=end)

    @property
    def mark(self) -> str:
        """Return what the choices hang on: with another pattern, numbers mean other days."""
        return f"{self.rrule} {self.first} {self.time:%H:%M} {self.kind} {self.provider}"

    @property
    def choices(self) -> dict[str, str]:
        """The patterns to choose from, in words."""
        return {value: _(words) for value, (words, _every, _interval) in PATTERNS.items()}

    def wanted(self, desk: Desk, *, with_choices: bool) -> SeriesBooking:
        """Return what is asked for. Raises `Invalid` for what is missing or cannot be read, `NotFound` for odd ids."""
        if self.patient is None or self.kind is None or self.provider is None:
            raise NotFound
        if len(self.reason) > LONGEST_REASON:
            raise Invalid.field("reason", gettext_noop("This reason is too long."))
        picked = self.picked if with_choices else {}
        return SeriesBooking(
            appointment_type_id=self.kind,
            provider_id=self.provider,
            patient_id=self.patient,
            rrule=self.rrule,
            starts_on=self.first,
            start_time=self.time,
            reason=self.reason,
            choices={number: chosen for number, value in picked.items() if (chosen := choice_of(value, desk))},
        )


def choice_of(value: str, desk: Desk) -> Choice | None:
    """Return what a radio says, None where all stays as planned. Raises `NotFound` for a calendar that is not one's own."""
    if value == OUT:
        return Choice(leave_out=True)
    slot = Slot.read(value, desk)
    if slot is None:
        return None
    if not desk.may_book(slot.provider_id):
        raise NotFound
    return Choice(start=slot.start, provider_id=slot.provider_id)


def picked_in(fields: QueryDict) -> dict[int, str]:
    """Return the value of each occurrence's radio, by its number."""
    found: dict[int, str] = {}
    for name in fields:
        match = _CHOICE.fullmatch(name)
        if match and 1 <= int(match[1]) <= 2 * MOST:
            found[int(match[1])] = fields.get(name, "")
    return found


def read_repeat(fields: QueryDict, desk: Desk) -> Repeat:
    """Return what an address or a form says: the fields of the booking panel are a start, and odd values are passed over.

    Raises `NotFound` for an identifier that is none.
    """
    draft = read_draft(fields, desk)
    slot = draft.slot or draft.take
    begin = slot.start if slot else draft.wish
    local = begin.astimezone(desk.zone) if begin else None
    first = _date(fields.get("first", "")) or (local.date() if local else draft.look_from or desk.today)
    provider = as_id(fields.get("with", "")) or (slot.provider_id if slot else draft.provider)
    return Repeat(
        patient=draft.patient,
        kind=draft.kind,
        provider=provider,
        first=first,
        time=_time(fields.get("time", "")) or (local.time() if local else dt.time(9)),
        every=fields.get("every", "") if fields.get("every", "") in PATTERNS else "week-1",
        weekdays=tuple(int(day) for day in fields.getlist("weekday") if day in set("0123456")),
        count=_number(fields.get("count", "")),
        until=_date(fields.get("until", "")),
        reason=draft.reason,
        picked=picked_in(fields),
        of=fields.get("of", ""),
        act=fields.get("act", ""),
    )


def _number(words: str) -> int:
    count = int(words) if words.isascii() and words.isdigit() and len(words) <= 3 else USUAL_COUNT
    return min(max(count, LEAST), MOST)


def _date(words: str) -> dt.date | None:
    try:
        day = parse_date(words)
    except ValueError:
        return None
    return day if day and dt.date(1990, 1, 2) <= day <= dt.date(2100, 12, 30) else None


def _time(words: str) -> dt.time | None:
    try:
        time: dt.time | None = parse_time(words)
    except ValueError:
        return None
    return time
