"""A house to measure in: providers who are always open, patients with tokens, and more free times than anybody books."""

import datetime as dt
import hashlib
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.utils import timezone
from oauth2_provider.models import AccessToken

from mediconnect.accounts.models import User
from patients.models import Patient, Registration
from providers.models import AppointmentType, Clinic, Opening, PractitionerRole, Provider

PROVIDERS: Final = 200
PATIENTS: Final = 2_000
DAYS: Final = 60
_NAME: Final = "Benchmark house"


@dataclass(frozen=True, slots=True)
class Wish:
    """A free time that nobody else wishes for, and who wishes for it."""

    provider: uuid.UUID
    patient: uuid.UUID
    start: dt.datetime
    token: str


@dataclass
class House:
    """What is booked in. Wishes never repeat, so bookings of them never meet."""

    clinic: Clinic
    kind: AppointmentType
    providers: list[uuid.UUID]
    patients: list[tuple[uuid.UUID, str]]
    first: dt.datetime
    used: int = 0

    def wishes(self, count: int) -> Iterator[Wish]:
        """Yield so many fresh wishes: each next one has another provider and another patient."""
        first, self.used = self.used, self.used + count
        for number in range(first, first + count):
            slot, place = divmod(number, len(self.providers))
            patient, token = self.patients[number % len(self.patients)]
            yield Wish(self.providers[place], patient, self.first + dt.timedelta(minutes=30 * slot), token)


def build() -> House:
    """Make the house anew, beside whatever else the database holds."""
    mark = uuid.uuid4().hex[:8]
    clinic = Clinic.objects.create(
        name=f"{_NAME} {mark}",
        timezone="UTC",
        minimum_notice_minutes=0,
        horizon_days=DAYS + 60,
        open_bookings_limit=10_000,
    )
    kind = AppointmentType.objects.create(clinic=clinic, name="Consultation", duration=30, start_grid=30)
    first = timezone.now().replace(minute=0, second=0, microsecond=0) + dt.timedelta(days=1)
    during = DateTimeTZRange(first, first + dt.timedelta(days=DAYS + 40))
    providers = Provider.objects.bulk_create(
        Provider(kind="provider", name=f"Provider {mark} {number}") for number in range(PROVIDERS)
    )
    PractitionerRole.objects.bulk_create(PractitionerRole(provider=provider, clinic=clinic) for provider in providers)
    Opening.objects.bulk_create(Opening(resource=provider, clinic=clinic, during=during) for provider in providers)
    patients = _people(clinic, mark)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    return House(clinic, kind, [provider.pk for provider in providers], patients, first)


def _people(clinic: Clinic, mark: str) -> list[tuple[uuid.UUID, str]]:
    expires = timezone.now() + dt.timedelta(hours=12)
    users = User.objects.bulk_create(
        User(email=f"bench-{mark}-{number}@example.org", password="!") for number in range(PATIENTS)
    )
    patients = Patient.objects.bulk_create(
        Patient(given_name="Kim", family_name=f"Bench {number}", user=user) for number, user in enumerate(users)
    )
    Registration.objects.bulk_create(
        Registration(patient=patient, clinic=clinic, record_number=f"{mark}-{number}")
        for number, patient in enumerate(patients)
    )
    tokens = [f"bench-{mark}-{number:08}-token" for number in range(PATIENTS)]
    AccessToken.objects.bulk_create(
        AccessToken(
            user=user,
            token="",
            token_checksum=hashlib.sha256(token.encode()).hexdigest(),
            scope="appointments:read appointments:write",
            expires=expires,
        )
        for user, token in zip(users, tokens, strict=True)
    )
    return [(patient.pk, token) for patient, token in zip(patients, tokens, strict=True)]
