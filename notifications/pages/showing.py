"""What a page says of a visit: to everybody who holds the link the time and place, the rest only after the birth date."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from appointments.queries.policy import hours_to_cancel, hours_to_move
from mediconnect.habits import Habits
from notifications.services.linking import Standing, Told

from .doors import CHECKED_SECONDS, Holder, clinic_words, habits_of


@dataclass(frozen=True, slots=True)
class Shown:
    """One visit in words. `patient` and `provider` are empty until the birth date was given."""

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
        **_after_check(told, habits, waiting) if checked else {},
    )


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
