"""A full day of a larger clinic between its days: what pictures show and a crowded board has to carry."""

import datetime as dt
import random
from collections.abc import Iterator
from itertools import cycle
from typing import Any, Final

from django.db import transaction

from appointments.models import Appointment, CancellationReason, Status
from mediconnect.operations.demo.names import people
from patients.models import Patient, Registration
from providers.models import AppointmentType, Provider
from tests.browser.clinic_day import ClinicDay, add_provider, clinic_day
from tests.factories import RoomFactory

DAYS_BACK, DAYS_AHEAD = 14, 10
_MINUTE: Final = dt.timedelta(minutes=1)
_DAY: Final = dt.timedelta(days=1)
_FROM, _UNTIL = dt.time(8), dt.time(18)  # the crowd's hours; the three of the small day stay as they are
_SHARE_TAKEN, _SHARE_TAKEN_AHEAD = 0.65, 0.3
_SOON: Final = 20 * _MINUTE

_COLLEAGUES: Final = (
    "Dr. Ruth Okafor", "Dr. Minh Tran", "Dr. Sofia Lindqvist", "Dr. Oliver Hughes", "Dr. Amira Haddad",
    "Dr. Callum Fraser", "Dr. Priya Nair", "Dr. Arjun Sen", "Dr. Meera Iyer", "Dr. Farhan Ali", "Dr. Elena Vargas",
    "Dr. Jonas Weber", "Dr. Akiko Tanaka", "Dr. Samuel Adeyemi", "Dr. Clara Moreau", "Dr. David Levi",
    "Dr. Katarzyna Nowak",
)  # fmt: skip


@transaction.atomic
def busy_day(providers: int = 8) -> ClinicDay:
    """Return the small clinic's day with so many providers (3 to 20) in all, about 13 visits each, and days behind it.

    The same visits on each machine: only the clock differs. Twenty providers have about 260 visits.
    """
    day = clinic_day(since_days=DAYS_BACK)
    dice = random.Random(20_26)
    for number, name in enumerate(_COLLEAGUES[: providers - len(day.providers)]):
        since = day.base.date() - DAYS_BACK * _DAY
        day.providers.append(add_provider(day.clinic, since, hours=(_FROM, _UNTIL), name=name))
        day.rooms.append(RoomFactory.create(clinic=day.clinic, name=f"Room {number + 4}"))
    crowd = _crowd(day, 18 * providers)
    for ahead in range(-DAYS_BACK, DAYS_AHEAD + 1):
        patients = cycle(dice.sample(crowd, len(crowd)))  # more than the day's visits: nobody is in two places
        Appointment.objects.bulk_create(
            visit
            for number, provider in enumerate(day.providers)
            for visit in _visits(day, provider, number, day.base.date() + ahead * _DAY, patients, dice)
        )
    return day


def _crowd(day: ClinicDay, size: int) -> list[Patient]:
    patients = Patient.objects.bulk_create(
        Patient(given_name=person.given_name, family_name=person.family_name, birth_date=person.birth_date)
        for person, _ in zip(people(day.base.date()), range(size), strict=False)
    )
    Registration.objects.bulk_create(
        Registration(patient=patient, clinic=day.clinic, record_number=f"C{number:05d}")
        for number, patient in enumerate(patients)
    )
    return patients


def _visits(
    day: ClinicDay, provider: Provider, number: int, date: dt.date, patients: Iterator[Patient], dice: random.Random
) -> Iterator[Appointment]:
    """Yield visits in the provider's free time of that day, each in the provider's own room."""
    there = [
        (visit.starts_at - visit.buffer_before * _MINUTE, visit.ends_at + visit.buffer_after * _MINUTE)
        for visit in day.visits.values()
        if visit.provider_id == provider.pk
    ]
    share = _SHARE_TAKEN_AHEAD if date > day.base.date() else _SHARE_TAKEN
    cursor = dt.datetime.combine(date, _FROM, day.base.tzinfo)
    until = dt.datetime.combine(date, _UNTIL, day.base.tzinfo)
    while cursor < until:
        kind, minutes = dice.choice(
            ((day.consultation, 30), (day.consultation, 45), (day.follow_up, 15), (day.procedure, 60))
        )
        start, end = cursor, cursor + minutes * _MINUTE
        if end > until or dice.random() > share or any(start < high and low < end for low, high in there):
            cursor += 15 * _MINUTE
            continue
        yield _visit(day, provider, number, kind, (start, end), next(patients), dice)
        cursor = end


def _visit(
    day: ClinicDay,
    provider: Provider,
    number: int,
    kind: AppointmentType,
    span: tuple[dt.datetime, dt.datetime],
    patient: Patient,
    dice: random.Random,
) -> Appointment:
    room = day.rooms[number if number < 3 else number + 1]  # the treatment room stands between
    return Appointment(
        clinic=day.clinic,
        provider=provider,
        appointment_type=kind,
        patient=patient,
        room=room if kind is not day.follow_up else None,
        starts_at=span[0],
        ends_at=span[1],
        **_standing(span, day.base, dice),
    )


def _standing(span: tuple[dt.datetime, dt.datetime], now: dt.datetime, dice: random.Random) -> dict[str, Any]:
    """Return where a visit stands at `now`, with the moments that led there."""
    start, end = span
    if end <= now:
        status = dice.choices((Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED), (86, 7, 7))[0]
    elif start <= now:
        status = Status.IN_PROGRESS
    elif start - now <= _SOON:
        status = dice.choice((Status.ARRIVED, Status.ROOMED, Status.CONFIRMED))
    else:
        status = dice.choices((Status.BOOKED, Status.CONFIRMED), (7, 3))[0]
    moments: dict[str, Any] = {}
    if status in {Status.ARRIVED, Status.ROOMED, Status.IN_PROGRESS, Status.COMPLETED}:
        moments["arrived_at"] = min(start, now) - dice.randrange(2, 20) * _MINUTE
    if status in {Status.ROOMED, Status.IN_PROGRESS, Status.COMPLETED}:
        moments["roomed_at"] = min(start, now) - _MINUTE
    if status in {Status.IN_PROGRESS, Status.COMPLETED}:
        moments["started_at"] = start
    if status in {Status.COMPLETED, Status.NO_SHOW, Status.CANCELLED}:
        moments["ended_at"] = end
    reason = CancellationReason.PATIENT_REQUEST if status == Status.CANCELLED else ""
    return {"status": status, "cancellation_reason": reason} | moments
