"""What the page of the waiting room shows: its screens, and who will be seen late."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, CallScreen
from appointments.queries.lateness import late_visits, told_of
from mediconnect.portal.desk import Desk

# A screen asks every few seconds; one that was silent for so long is dark.
_DARK: Final = dt.timedelta(minutes=3)


@dataclass(frozen=True, slots=True)
class Screen:
    """A call screen. `dark` says that it asked for nothing in the last minutes; `seen_at` None, that it never did."""

    id: uuid.UUID
    name: str
    created_at: dt.datetime
    seen_at: dt.datetime | None
    dark: bool


@dataclass(frozen=True, slots=True)
class LateVisit:
    """A visit ahead that will begin late, as far as the day is known. `told` is true once its patient was."""

    id: uuid.UUID
    starts_at: dt.datetime
    minutes: int
    person: str
    provider: str
    told: bool


def screens_of(desk: Desk) -> list[Screen]:
    """Return the clinic's screens that are open, by name."""
    rows = CallScreen.objects.filter(clinic=desk.clinic.pk, revoked_at=None).order_by("name", "id")
    dark_before = timezone.now() - _DARK
    return [
        Screen(row.pk, row.name, row.created_at, row.seen_at, row.seen_at is not None and row.seen_at < dark_before)
        for row in rows
    ]


def late_of(desk: Desk) -> Sequence[LateVisit]:
    """Return who will be seen late, of the calendars that the person may see, in order of time. Three statements."""
    only = desk.only_provider
    late = {
        one.appointment_id: one
        for one in late_visits([desk.clinic.pk])[desk.clinic.pk]
        if only is None or one.provider_id == only
    }
    visits = Appointment.objects.filter(pk__in=late).select_related("patient", "provider") if late else ()
    told = told_of(set(late))
    found = [
        LateVisit(
            visit.pk,
            visit.starts_at.astimezone(desk.zone),
            late[visit.pk].minutes,
            str(visit.patient),
            visit.provider.name,
            visit.pk in told,
        )
        for visit in visits
    ]
    return sorted(found, key=lambda one: (one.starts_at, one.id))
