"""Write who waits in the demo: for a sooner time, for mornings, for one provider; what the demo's own cancellations free is offered to them."""

import datetime as dt
from collections.abc import Iterable
from typing import Final

from django.utils import timezone

from appointments.models import Appointment, WaitlistEntry
from appointments.models.status import MOVABLE
from appointments.services.booking import Caller
from appointments.services.waitlist.joining import Wishing, join_waitlist
from providers.models import Clinic

from .cast import identifier

_AHEAD: Final = dt.timedelta(days=6)
_WISHES: Final = 6
_MONTH: Final = dt.timedelta(days=30)


def write_waiting(clinic: Clinic, *, now: dt.datetime) -> None:
    """Let six people wait, of whom half have a visit that would come sooner. Writes nothing where somebody waits already."""
    if WaitlistEntry.objects.filter(clinic=clinic).exists():
        return
    desk = Caller(identifier("user", "frontdesk"), patients_own=False)
    visits = Appointment.objects.filter(
        clinic=clinic,
        starts_at__gt=max(now, timezone.now()) + _AHEAD,
        status__in=MOVABLE,
        session=None,
        appointment_type__bookable_online=True,
    )
    for number, visit in enumerate(_of_different_people(visits.order_by("starts_at", "id"))):
        join_waitlist(_wish(number, visit, now.astimezone(clinic.zone).date()), caller=desk)


def _of_different_people(visits: Iterable[Appointment]) -> list[Appointment]:
    found: dict[object, Appointment] = {}
    for visit in visits:
        found.setdefault(visit.patient_id, visit)
        if len(found) == _WISHES:
            break
    return list(found.values())


def _wish(number: int, visit: Appointment, today: dt.date) -> Wishing:
    sooner = number % 2 == 0
    return Wishing(
        patient_id=visit.patient_id,
        appointment_type_id=visit.appointment_type_id,
        until_date=today + _MONTH,
        providers=[visit.provider_id] if number % 3 == 0 else [],
        weekdays=[0, 1, 2, 3] if number % 3 == 1 else [],
        latest_time=dt.time(13) if number % 3 == 2 else None,
        appointment_id=visit.pk if sooner else None,
        priority=WaitlistEntry.Priority.SOON if number == 4 else WaitlistEntry.Priority.ROUTINE,
        note="Can come at short notice, works nearby." if number == 1 else "",
    )
