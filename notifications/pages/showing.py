"""What a page says of a visit: to everybody who holds the link the time and place, the rest only after the birth date."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from appointments.models import Status, Ticket
from appointments.queries.line import place_of
from appointments.queries.policy import hours_to_cancel, hours_to_move
from mediconnect.habits import Habits
from notifications.services.linking import Standing, Told

from .doors import CHECKED_SECONDS, Holder, clinic_words, habits_of

# Of a place in line: “Your place in line: third”.
_ORDINALS: Final = (
    gettext_noop("first"),
    gettext_noop("second"),
    gettext_noop("third"),
    gettext_noop("fourth"),
    gettext_noop("fifth"),
    gettext_noop("sixth"),
    gettext_noop("seventh"),
    gettext_noop("eighth"),
    gettext_noop("ninth"),
    gettext_noop("tenth"),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit in words. `patient` and `provider` are empty until the birth date was given.

    `place` is where somebody who has come stands in line; `displaced` says that the clinic has to find another time.
    """

    number: int
    standing: str
    day: str
    time: str
    confirmed: bool
    cancellable: bool
    movable: bool
    cancel_hours: int
    move_hours: int
    checked: bool
    patient: str = ""
    provider: str = ""
    undo: bool = False
    moved: str = ""
    waits: bool = False
    place: "Line | None" = None
    displaced: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A place in line. `ordinal` is empty beyond the tenth; `number` is that of the ticket, 0 without one."""

    position: int
    ordinal: str
    minutes: int | None
    low: int | None
    high: int | None
    number: int

    @property
    def is_next(self) -> bool:
        """Whether nobody is before."""
        return self.position == 1


def shown(holder: Holder, told: Told, waiting: Collection[Any] = ()) -> Shown:
    """Return what this holder may read of a visit."""
    habits = habits_of(holder.opened)
    checked = told.number in holder.checked
    return Shown(
        number=told.number,
        standing=told.standing,
        day=habits.day_and_date(told.starts_at.astimezone(habits.zone).date()),
        time=habits.time(told.starts_at),
        confirmed=told.is_confirmed,
        cancellable=told.cancellable,
        movable=told.movable,
        cancel_hours=hours_to_cancel(told.visit),
        move_hours=hours_to_move(told.visit),
        checked=checked,
        place=_line(told) if told.standing is Standing.BEGUN else None,
        displaced=told.visit.displaced,
        **_after_check(told, habits, waiting) if checked else {},
    )


def _line(told: Told) -> Line | None:
    """Return where the patient stands in line; nobody has a place who is not there, or is called."""
    place = place_of(told.visit.pk, now=told.now) if told.visit.status == Status.ARRIVED else None
    if place is None:
        return None
    number = Ticket.objects.filter(appointment=told.visit).values_list("number", flat=True).first()
    ordinal = _(_ORDINALS[place.position - 1]) if place.position <= len(_ORDINALS) else ""
    return Line(place.position, ordinal, place.minutes, place.low, place.high, number or 0)


def _after_check(told: Told, habits: Habits, waiting: Collection[Any]) -> dict[str, Any]:
    """Return what only the patient reads; where the time was revoked, only what was done from here a moment ago."""
    since = told.now - dt.timedelta(seconds=CHECKED_SECONDS)
    moved = told.moved_by_link_since(since)
    if told.standing is Standing.REVOKED and not moved:
        return {"undo": told.undo_until is not None}
    new = told.visit.starts_at
    return {
        "patient": str(told.visit.patient),
        "provider": told.visit.provider.name,
        "moved": f"{habits.day_and_date(new.astimezone(habits.zone).date())}, {habits.time(new)}" if moved else "",
        "waits": told.visit.pk in waiting,
    }


def show(request: HttpRequest, holder: Holder, template: str, *, status: int = 200, **context: Any) -> HttpResponse:
    """Return a page of the link, with its clinic and how to call it."""
    words = {**clinic_words(holder.opened), "token": holder.token}
    return render(request, f"notifications/link/{template}.html", words | context, status=status)
