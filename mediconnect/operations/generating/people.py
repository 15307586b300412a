"""The clinics of a load test with their staff, and the patients who are registered there."""

import datetime as dt
import itertools
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection

from providers.models import AppointmentType, Clinic, PractitionerRole, Resource, ResourceKind, WorkingHours
from providers.rules.hours import Plan, Recurring, expand
from providers.rules.pieces import Piece
from providers.services.openings import MARGIN

from .copying import copied
from .sizing import Share

OPENS, CLOSES = dt.time(8), dt.time(16)  # sixteen half hours
_WEEKDAYS: Final = range(5)
_ZONES: Final = ("America/New_York", "America/Chicago", "Europe/London", "Europe/Berlin", "Asia/Kolkata")
_GIVEN: Final = (
    "Ana",
    "Ben",
    "Chloe",
    "David",
    "Esra",
    "Finn",
    "Gita",
    "Hugo",
    "Inés",
    "Jonas",
    "Keiko",
    "Liam",
    "Mara",
)
_FAMILY: Final = ("Abbott", "Bauer", "Costa", "Dumont", "Eriksen", "Farouk", "Gupta", "Hansen", "Ito", "Jansen", "Kaya")


@dataclass(frozen=True, slots=True)
class Place:
    """A generated clinic: its types, who works there and in which room, who is registered, and its days."""

    clinic: Clinic
    plain_type: uuid.UUID
    room_type: uuid.UUID
    providers: list[uuid.UUID]
    rooms: list[uuid.UUID]
    patients: list[uuid.UUID]
    days: list[Piece]


NewId = Callable[[], uuid.UUID]


def build_place(number: int, label: str, share: Share, since: dt.date, today: dt.date, new_id: NewId) -> Place:
    """Write a clinic with its types, providers, rooms and hours; its openings and patients are written in bulk later."""
    clinic = Clinic.objects.create(
        id=new_id(), name=f"{label}, clinic {number + 1}", timezone=_ZONES[number % len(_ZONES)]
    )
    plain, with_room = (
        AppointmentType.objects.create(
            id=new_id(), clinic=clinic, name=name, duration=30, start_grid=30, room_kind=room
        )
        for name, room in (("Consultation", ""), ("Examination", "office"))
    )
    providers = [new_id() for _ in range(share.providers)]
    rooms = [new_id() for _ in range(share.providers)]
    Resource.objects.bulk_create(_resources(clinic, providers, rooms), batch_size=1_000)
    PractitionerRole.objects.bulk_create(
        PractitionerRole(id=new_id(), provider_id=provider, clinic=clinic, specialty="General practice")
        for provider in providers
    )
    WorkingHours.objects.bulk_create(_week(clinic, providers, since, new_id), batch_size=1_000)
    return Place(
        clinic,
        plain.pk,
        with_room.pk,
        providers,
        rooms,
        [new_id() for _ in range(share.patients)],
        _days(clinic, since, today),
    )


def _resources(clinic: Clinic, providers: list[uuid.UUID], rooms: list[uuid.UUID]) -> Iterator[Resource]:
    for number, (provider, room) in enumerate(zip(providers, rooms, strict=True), start=1):
        name = f"{_GIVEN[number % len(_GIVEN)]} {_FAMILY[number % len(_FAMILY)]} {number}"
        yield Resource(id=provider, kind=ResourceKind.PROVIDER, name=f"Dr. {name}")
        yield Resource(id=room, kind=ResourceKind.ROOM, name=f"Office {number}", clinic=clinic, category="office")


def _week(clinic: Clinic, providers: list[uuid.UUID], since: dt.date, new_id: NewId) -> Iterator[WorkingHours]:
    for provider, day in itertools.product(providers, _WEEKDAYS):
        yield WorkingHours(
            id=new_id(),
            resource_id=provider,
            clinic=clinic,
            weekday=day,
            start_time=OPENS,
            end_time=CLOSES,
            valid_from=since,
        )


def _days(clinic: Clinic, since: dt.date, today: dt.date) -> list[Piece]:
    """Return the clinic's working days: all its providers work the same hours, so the rule is asked once."""
    week = [Recurring(start=OPENS, end=CLOSES, valid_from=since, weekday=day) for day in _WEEKDAYS]
    until = today + dt.timedelta(days=clinic.horizon_days) + MARGIN
    return expand(Plan(zone=clinic.zone, recurring=week), since, until)


def copy_openings(place: Place) -> None:
    """Write an opening for each provider and day."""
    rows = (
        (provider, place.clinic.pk, f"[{day.start.isoformat()},{day.end.isoformat()})")
        for provider in place.providers
        for day in place.days
    )
    copied("providers_opening", ("resource_id", "clinic_id", "during"), rows)


def copy_patients(place: Place, label: str, born: dt.date, now: dt.datetime) -> None:
    """Write the patients, without any way to reach them: a load test must not be able to write to anybody."""
    stamp = now.isoformat()
    people = (
        (
            patient,
            stamp,
            1,
            stamp,
            _GIVEN[number % len(_GIVEN)],
            f"{_FAMILY[number % len(_FAMILY)]}-{number}",
            (born + dt.timedelta(days=number * 7919 % 32_000)).isoformat(),
            "en",
            "",
            "",
            "t",
        )
        for number, patient in enumerate(place.patients)
    )
    columns = "id created_at version updated_at given_name family_name birth_date language timezone notes active"
    copied("patients_patient", columns.split(), people)
    numbers = _record_numbers(len(place.patients))
    registrations = zip(
        place.patients, itertools.repeat(stamp), place.patients, itertools.repeat(place.clinic.pk), numbers
    )
    copied("patients_registration", ("id", "created_at", "patient_id", "clinic_id", "record_number"), registrations)


def _record_numbers(wanted: int) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'P' || lpad(nextval('patients_record_number')::text, 6, '0') FROM generate_series(1, %s)", [wanted]
        )
        return [number for (number,) in cursor.fetchall()]
