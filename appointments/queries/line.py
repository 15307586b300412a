"""Who waits for whom, and where somebody stands in that line: nothing of the others but how many they are."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, Priority, Status
from appointments.rules.line import Waiting, ahead_of, estimate

_HERE: Final = (Status.ARRIVED, Status.ROOMED, Status.IN_PROGRESS)
_LONGEST_DAY: Final = dt.timedelta(hours=16)
"""Whoever is said to be here for longer was forgotten at the desk, and keeps nobody waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceInLine:
    """`position` begins with 1, `ahead` is one less. `minutes` is None where nothing can be said; else `low` to `high`."""

    ahead: int
    position: int
    minutes: int | None
    low: int | None
    high: int | None


def place_of(appointment_id: uuid.UUID, *, now: dt.datetime | None = None) -> PlaceInLine | None:
    """Return where a patient who has come stands in the line for the visit's provider at its clinic.

    None for a visit whose patient is not there yet, or is called already. Two statements.
    """
    now = now or timezone.now()
    visit = Appointment.objects.filter(pk=appointment_id, status=Status.ARRIVED, arrived_at__isnull=False).first()
    if visit is None or visit.arrived_at is None or visit.arrived_at < now - _LONGEST_DAY:
        return None
    here = Appointment.objects.filter(
        clinic=visit.clinic_id,
        provider=visit.provider_id,
        status__in=_HERE,
        starts_at__gt=now - 2 * _LONGEST_DAY,
        starts_at__lt=now + _LONGEST_DAY,
        arrived_at__gt=now - _LONGEST_DAY,
    ).only("status", "priority", "arrived_at", "started_at", "starts_at", "ends_at")
    found = list(here)
    ahead = ahead_of(_waiting(visit), [_waiting(one) for one in found if one.status != Status.IN_PROGRESS])
    remaining = max((_left(one, now) for one in found if one.status == Status.IN_PROGRESS), default=dt.timedelta())
    told = estimate(ahead=ahead, remaining=remaining, until_own_start=visit.starts_at - now)
    return PlaceInLine(ahead=len(ahead), position=len(ahead) + 1, minutes=told.minutes, low=told.low, high=told.high)


def _waiting(visit: Appointment) -> Waiting:
    return Waiting(
        id=visit.pk,
        urgent=visit.priority == Priority.URGENT,
        called=visit.status == Status.ROOMED,
        arrived_at=visit.arrived_at or visit.starts_at,
        length=visit.ends_at - visit.starts_at,
    )


def _left(visit: Appointment, now: dt.datetime) -> dt.timedelta:
    """Return how much of a visit that is under way is left, by its planned length."""
    return visit.ends_at - visit.starts_at - (now - (visit.started_at or now))
