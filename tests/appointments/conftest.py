"""A small clinic to book in: one provider, one type of visit, two patients, and openings all day, every day."""

import datetime as dt
import uuid
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.services.booking import Booking, Caller
from mediconnect.accounts.models import User
from patients.models import Patient, Registration
from providers.models import AppointmentType, Clinic, Membership, Opening, PractitionerRole, Provider, Role, Room
from tests.factories import UserFactory

NEW_YORK = ZoneInfo("America/New_York")


@dataclass
class SmallClinic:
    """What the tests book with. `at(hour, minute)` is a time the day after tomorrow by the clinic's clock."""

    clinic: Clinic
    provider: Provider
    kind: AppointmentType
    desk: User
    patients: list[Patient]
    users: list[User] = field(default_factory=list)

    def at(self, hour: int, minute: int = 0, *, days: int = 2) -> dt.datetime:
        """Return that wall-clock time, so many days from today."""
        day = dt.datetime.now(NEW_YORK).date() + dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(hour, minute), NEW_YORK)

    def booking(self, start: dt.datetime, patient: int = 0, **changes: Any) -> Booking:
        """Return a booking of the usual type with the usual provider."""
        words: dict[str, Any] = {
            "appointment_type_id": self.kind.pk,
            "provider_id": self.provider.pk,
            "patient_id": self.patients[patient].pk,
            "start": start,
            "source": "staff",
        }
        return Booking(**(words | changes))

    @property
    def staff(self) -> Caller:
        """The front desk as a caller of services."""
        return Caller(self.desk.pk, patients_own=False)

    def patient_caller(self, number: int = 0) -> Caller:
        """Return a patient as a caller of services."""
        return Caller(self.users[number].pk, patients_own=True)


def person(email: str) -> User:
    """Make somebody with a sign-in."""
    return UserFactory.create(email=email)


def open_always(provider: Provider, clinic: Clinic, *, days: int = 40) -> None:
    """Open every hour from three days ago for so many days."""
    start = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=3)
    Opening.objects.create(
        resource=provider, clinic=clinic, during=DateTimeTZRange(start, start + dt.timedelta(days=days))
    )


def small_clinic(patients: int = 3) -> SmallClinic:
    """Make the clinic with so many patients who have sign-ins."""
    mark = uuid.uuid4().hex[:8]
    clinic = Clinic.objects.create(
        name=f"Harbour {mark}", timezone="America/New_York", phone="+12025550100", minimum_notice_minutes=0
    )
    provider = Provider.objects.create(name="Dr. Amara Obi")
    PractitionerRole.objects.create(provider=provider, clinic=clinic)
    kind = AppointmentType.objects.create(clinic=clinic, name="Consultation", duration=30)
    open_always(provider, clinic)
    desk = person(f"desk-{mark}@example.org")
    Membership.objects.create(user=desk, clinic=clinic, role=Role.FRONT_DESK)
    made = SmallClinic(clinic, provider, kind, desk, [])
    for number in range(patients):
        user = person(f"patient-{mark}-{number}@example.org")
        patient = Patient.objects.create(given_name="Lena", family_name=f"Moreau {number}", user=user)
        Registration.objects.create(patient=patient, clinic=clinic, record_number=f"R{number:04}")
        made.patients.append(patient)
        made.users.append(user)
    return made


@pytest.fixture
def place(db: None) -> SmallClinic:
    """The small clinic, in the test's own transaction."""
    return small_clinic()


@pytest.fixture
def committed_place(transactional_db: None) -> SmallClinic:
    """The small clinic, committed, for tests with several connections."""
    return small_clinic(patients=3)


def add_room(place: SmallClinic, name: str = "Room 1", category: str = "exam") -> Room:
    """Add a room and let the usual type need one of its category."""
    AppointmentType.objects.filter(pk=place.kind.pk).update(room_kind=category)
    room: Room = Room.objects.create(name=name, clinic=place.clinic, category=category)
    return room
