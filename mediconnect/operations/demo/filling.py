"""Fill an empty database with the demo, or bring an older demo up to today."""

import datetime as dt
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Max
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.records.acting import acting
from providers.models import Clinic, Opening

from .absences import write_absence
from .cast import DOCTORS, PLACES, Place
from .messages import write_messages
from .names import people
from .persons import give_roles, register_demo_client, write_patients, write_staff
from .places import build_places
from .planning import Planned, Span, plan_day
from .standing import hour_of_the_show, standings
from .visits import Placed, write_visits
from .waiting import write_waiting

DAYS_BACK: Final = 14
DAYS_AHEAD: Final = 14
_DAY: Final = dt.timedelta(days=1)

# The days that have been are full; those to come still have room, so that visitors find a time tomorrow.
_FILL_BACK, _FILL_AHEAD = 0.75, 0.25

# Two fills at once would each find an empty house.
_ONE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended('mediconnect.operations.demo', 0))"


@dataclass(frozen=True, slots=True)
class Filled:
    """What a fill did: whether the house was new, and how many visits it wrote."""

    built: bool
    visits: int


def fill(now: dt.datetime | None = None) -> Filled:
    """Make the demo complete for today, all of it in one transaction.

    A new demo gets its clinics, people and visits from two weeks back to two weeks ahead; one that is there already
    gets visits for the days that have come into view since, and on the same day nothing.
    """
    now = now or timezone.now()
    with acting(actor_id=None, reason="demo"):
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
        clinics = _clinics()
        built = not clinics
        if built:
            clinics = _build(now)
        persons = defaultdict[str, list[int]](list)
        for person in people(now.date()):
            persons[person.place].append(person.number)
        written = sum(
            _fill_clinic(clinic, place, persons[place.key], now) for clinic, place in zip(clinics, PLACES, strict=True)
        )
        if built:
            for clinic in clinics:
                write_messages(clinic, now=now)
                write_waiting(clinic, now=now)
                write_absence(clinic, now=now)
    return Filled(built, written)


def _clinics() -> list[Clinic]:
    found = Clinic.objects.in_bulk([place.id for place in PLACES])
    return [found[place.id] for place in PLACES if place.id in found]


def _build(now: dt.datetime) -> list[Clinic]:
    write_staff()
    clinics = build_places(now=now, first_day=now.date() - (DAYS_BACK + 1) * _DAY)
    give_roles(clinics)
    write_patients(list(people(now.date())))
    register_demo_client()
    return clinics


def _fill_clinic(clinic: Clinic, place: Place, patients: Sequence[int], now: dt.datetime) -> int:
    local = now.astimezone(clinic.zone)
    today = local.date()
    newest = Appointment.objects.filter(clinic=clinic).aggregate(newest=Max("starts_at"))["newest"]
    first = today - DAYS_BACK * _DAY
    if newest is not None:
        first = max(first, newest.astimezone(clinic.zone).date() + _DAY)
    days = [first + ahead * _DAY for ahead in range((today + DAYS_AHEAD * _DAY - first).days + 1)]
    openings = _openings(clinic, days)
    placed: list[Placed] = []
    for day in days:
        visits = plan_day(
            place=place.key,
            day=day,
            zone=clinic.zone,
            fill=_FILL_BACK if day <= today else _FILL_AHEAD,
            patients=patients,
            openings=openings[day],
        )
        placed += _placed(visits, local, is_today=day == today)
    return write_visits(placed, now=now)


def _placed(visits: list[Planned], local: dt.datetime, *, is_today: bool) -> list[Placed]:
    found = standings(visits, now=hour_of_the_show(local) if is_today else local, show_all=is_today)
    return list(zip(visits, found, strict=True))


def _openings(clinic: Clinic, days: Sequence[dt.date]) -> dict[dt.date, list[tuple[int, Span]]]:
    """Return the openings that serve every type, by the clinic's own day, with the provider's number."""
    numbers = {doctor.id: doctor.number for doctor in DOCTORS}
    found = defaultdict[dt.date, list[tuple[int, Span]]](list)
    wanted = set(days)
    for opening in Opening.objects.filter(clinic=clinic, resource__in=numbers, serves=None):
        day = opening.during.lower.astimezone(clinic.zone).date()
        if day in wanted:
            found[day].append((numbers[opening.resource_id], (opening.during.lower, opening.during.upper)))
    return found
