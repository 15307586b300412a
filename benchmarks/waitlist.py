"""Match a thousand freed times with ten thousand wishes, and offer some of them."""

import datetime as dt
import random
import time
import uuid
from typing import Final

from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import FreedTime, WaitlistEntry, WaitlistOffer
from appointments.queries.waitlist.matching import matches
from appointments.services.waitlist.offering import offer_now
from mediconnect.records.acting import acting
from notifications.models import MessagePolicy
from patients.models import Patient, Registration
from providers.models import AppointmentType, PractitionerRole

from .million import grow
from .report import Row, say

WISHES: Final = 10_000
TIMES: Final = 1_000
GOAL_SECONDS: Final = 5.0
OFFERED: Final = 100


def run() -> list[Row]:
    """Measure both in a house of 40,000 visits, all wishes and all times at one clinic: the most that can meet."""
    grow(visits=40_000, providers=200, patients=20_000)
    kinds = _busiest_clinic()
    clinic = kinds[0].clinic
    providers = _providers(clinic.pk)
    _let_wait(kinds, providers)
    times = _free(clinic.pk, providers)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE appointments_waitlistentry; ANALYZE appointments_freedtime")
    seconds, statements, found = _match(times)
    say(f"matched {len(times):,} times with {WISHES:,} wishes: {found:,} candidates, {statements} statement")
    each, asked = _offer(times)
    say(f"offered {asked} of {OFFERED} times")
    return [
        Row(
            f"match {TIMES:,} freed times with {WISHES:,} wishes",
            f"{seconds:.2f} s",
            f"goal < {GOAL_SECONDS:g} s, {statements} statement",
            seconds < GOAL_SECONDS and statements == 1,
        ),
        Row("offer one freed time", f"{each * 1000:.0f} ms", f"{asked} of {OFFERED} found somebody", asked > 0),
    ]


def _busiest_clinic() -> list[AppointmentType]:
    kinds = AppointmentType.objects.filter(active=True, capacity=1).select_related("clinic").order_by("clinic", "id")
    of_clinics: dict[uuid.UUID, list[AppointmentType]] = {}
    for kind in kinds:
        of_clinics.setdefault(kind.clinic_id, []).append(kind)
    return max(of_clinics.values(), key=lambda found: len(_providers(found[0].clinic_id)))


def _providers(clinic_id: uuid.UUID) -> list[uuid.UUID]:
    roles = PractitionerRole.objects.filter(clinic=clinic_id, active=True).order_by("provider")
    return list(roles.values_list("provider", flat=True))


def _let_wait(kinds: list[AppointmentType], providers: list[uuid.UUID]) -> None:
    """Let ten thousand people wait: any time, or certain days and hours, or one provider; of all types."""
    clinic, now, chance = kinds[0].clinic, timezone.now(), random.Random(20)
    MessagePolicy.objects.update_or_create(
        clinic=clinic, defaults={"quiet_from": dt.time(0), "quiet_until": dt.time(0)}
    )
    people = list(Patient.objects.active().order_by("pk")[:WISHES])
    known = set(Registration.objects.filter(clinic=clinic).values_list("patient", flat=True))
    with acting(actor_id=None, reason="benchmark"):
        Registration.objects.bulk_create(
            Registration(clinic=clinic, patient=person, record_number=f"W{number:06}")
            for number, person in enumerate(people)
            if person.pk not in known
        )
        WaitlistEntry.objects.bulk_create(
            WaitlistEntry(
                clinic=clinic,
                patient=person,
                appointment_type=chance.choice(kinds),
                providers=chance.choice([[], [], [chance.choice(providers)]]),
                weekdays=chance.choice([[], [], sorted(chance.sample(range(7), 3))]),
                earliest_time=chance.choice([None, None, dt.time(13)]),
                latest_time=chance.choice([None, None, dt.time(18)]),
                from_date=now.date(),
                until_date=now.date() + dt.timedelta(days=chance.randint(1, 60)),
                notice_minutes=chance.choice([0, 120, 1440]),
                priority=chance.choice([0, 0, 0, 1, 2]),
                joined_at=now - dt.timedelta(minutes=number),
            )
            for number, person in enumerate(people)
        )
    if len(people) < WISHES:
        message = f"The house has {len(people)} patients and needs {WISHES}."
        raise RuntimeError(message)


def _free(clinic_id: uuid.UUID, providers: list[uuid.UUID]) -> list[FreedTime]:
    """Free a thousand half hours and hours of the next weeks, of all providers."""
    chance = random.Random(21)
    first = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    rows = []
    for _ in range(TIMES):
        start = first + dt.timedelta(days=chance.randint(0, 40), minutes=15 * chance.randint(0, 40))
        rows.append(
            FreedTime(
                clinic_id=clinic_id,
                provider_id=chance.choice(providers),
                starts_at=start,
                ends_at=start + dt.timedelta(minutes=chance.choice([30, 30, 60])),
                cause=FreedTime.Cause.CANCELLED,
                offer_from=timezone.now(),
            )
        )
    return FreedTime.objects.bulk_create(rows)


def _match(times: list[FreedTime]) -> tuple[float, int, int]:
    """Return the seconds, the statements and the candidates of matching all times at once, the best of three."""
    best = float("inf")
    for _ in range(3):
        began = time.perf_counter()
        with CaptureQueriesContext(connection) as statements:
            found = matches(times, limit=25)
        best = min(best, time.perf_counter() - began)
    return best, len(statements), sum(len(candidates) for candidates in found.values())


def _offer(times: list[FreedTime]) -> tuple[float, int]:
    """Offer a hundred of the times one after another; return the mean seconds, and how many found somebody."""
    began = time.perf_counter()
    for freed in times[:OFFERED]:
        offer_now(freed_time_id=freed.pk)
    seconds = (time.perf_counter() - began) / OFFERED
    return seconds, WaitlistOffer.objects.filter(state=WaitlistOffer.State.OFFERED).count()
