"""What a call screen shows: numbers and rooms, and nothing that says who waits or what for."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q
from django.utils import timezone

from appointments.models import CallScreen, Status, Ticket

SHOWN: Final = 6
"""A screen across a room is read in a glance."""

_MINUTE: Final = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Called:
    """A number that was called, the room to go to ("" where the visit has none), and when."""

    number: int
    room: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class Shown:
    """A screen at this moment: the last numbers called, latest first, and how many wait who were not."""

    called: Sequence[Called]
    waiting: int


def screen_of(secret_hash: str, *, now: dt.datetime | None = None) -> CallScreen | None:
    """Return the screen whose address has this secret, with its clinic, or None for one that is revoked or never was.

    Notes that it was seen, once a minute: a screen that went dark is noticed by that.
    """
    now = now or timezone.now()
    screen = CallScreen.objects.select_related("clinic").filter(secret_hash=secret_hash, revoked_at=None).first()
    if screen is not None and (screen.seen_at is None or screen.seen_at <= now - _MINUTE):
        CallScreen.objects.filter(pk=screen.pk).filter(Q(seen_at=None) | Q(seen_at__lte=now - _MINUTE)).update(
            seen_at=now
        )
    return screen


def shown_on(screen: CallScreen, *, now: dt.datetime | None = None) -> Shown:
    """Return what the screen shows of its clinic's day. Two statements."""
    day = (now or timezone.now()).astimezone(screen.clinic.zone).date()
    today = Ticket.objects.filter(clinic=screen.clinic_id, day=day)
    rows = today.filter(called_at__isnull=False).order_by("-called_at", "-number")
    called = [
        Called(number, room or "", at)
        for number, room, at in rows.values_list("number", "appointment__room__name", "called_at")[:SHOWN]
        if at is not None
    ]
    return Shown(called, today.filter(called_at=None, appointment__status=Status.ARRIVED).count())
