"""A desk at a small clinic, its browser, and visits to do things to."""

import datetime as dt
import re
import uuid
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

import pytest
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange
from django.test import Client
from django.urls import reverse

from appointments.models import Appointment
from appointments.services.booking import Caller
from mediconnect.accounts.models import User
from patients.models import Patient
from providers.models import AppointmentType, Clinic, Opening, PractitionerRole, Provider, Role
from tests.factories import (
    AppointmentFactory,
    AppointmentTypeFactory,
    ClinicFactory,
    ContactPointFactory,
    MembershipFactory,
    PatientFactory,
    RegistrationFactory,
    UserFactory,
)

ZONE = ZoneInfo("America/New_York")
HTMX = {"HX-Request": "true", "HX-Target": "panel"}


def signed_in(user: User) -> Client:
    """Return a browser in which this user has signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def open_provider(clinic: Clinic, name: str, *, user: User | None = None) -> Provider:
    """Make a provider who is open at every hour from three days ago for forty days."""
    provider: Provider = Provider.objects.create(name=name, user=user)
    PractitionerRole.objects.create(provider=provider, clinic=clinic)
    start = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) - dt.timedelta(days=3)
    during = DateTimeTZRange(start, start + dt.timedelta(days=40))
    Opening.objects.create(resource=provider, clinic=clinic, during=during)
    return provider


@dataclass
class Place:
    """The clinic; `client` is the desk's browser. `at(9, 30)` is that time two days ahead by the clinic's clock."""

    clinic: Clinic
    desk: User
    client: Client
    okafor: Provider
    reyes: Provider
    kind: AppointmentType
    patient: Patient
    others: list[Patient] = field(default_factory=list)

    def at(self, hour: int, minute: int = 0, *, days: int = 2) -> dt.datetime:
        day = dt.datetime.now(ZONE).date() + dt.timedelta(days=days)
        return dt.datetime.combine(day, dt.time(hour, minute), ZONE)

    def visit(self, start: dt.datetime | None = None, **columns: Any) -> Appointment:
        """Make a visit of half an hour with Dr. Okafor, for the patient unless another is named."""
        start = start or self.at(9)
        usual = {"clinic": self.clinic, "provider": self.okafor, "appointment_type": self.kind, "patient": self.patient}
        visit: Appointment = AppointmentFactory.create(starts_at=start, **(usual | columns))
        visit.refresh_from_db()
        return visit

    def now(self, status: str = "booked", **columns: Any) -> Appointment:
        """Make a visit that began five minutes ago, so that its day is today; nearly always, so near midnight."""
        start = dt.datetime.now(ZONE).replace(second=0, microsecond=0) - dt.timedelta(minutes=5)
        return self.visit(start, status=status, **columns)

    @property
    def caller(self) -> Caller:
        return Caller(self.desk.pk, patients_own=False)

    def path(self, visit: Appointment, name: str = "visit") -> str:
        return reverse(f"portal:{name}", kwargs={"clinic": self.clinic.pk, "visit": visit.pk})

    def get(self, visit: Appointment, name: str = "visit", query: dict[str, Any] | None = None, **more: Any) -> Any:
        return self.client.get(self.path(visit, name), query or {}, **more)

    def panel(self, visit: Appointment, name: str = "visit", query: dict[str, Any] | None = None) -> Any:
        """Ask for a door as htmx does for the panel."""
        return self.get(visit, name, query, headers=HTMX)

    def post(self, visit: Appointment, name: str, fields: dict[str, Any] | None = None, **more: Any) -> Any:
        """Send a form with the visit's present version and a key of its own, unless told otherwise."""
        usual = {"version": Appointment.objects.get(pk=visit.pk).version, "key": f"page-{uuid.uuid4()}"}
        client = more.pop("client", self.client)
        return client.post(self.path(visit, name), usual | (fields or {}), **more)


@pytest.fixture
def place(db: None) -> Place:
    """A clinic with two providers, one type of visit and three patients."""
    clinic = ClinicFactory.create(name="Harbor Clinic", phone="+12025550100")
    desk = UserFactory.create(display_name="Nadia Brandt")
    MembershipFactory.create(user=desk, clinic=clinic, role=Role.FRONT_DESK)
    kind = AppointmentTypeFactory.create(clinic=clinic, name="Consultation", duration=30)
    patient = PatientFactory.create(given_name="Lena", family_name="Moreau", birth_date=dt.date(1980, 5, 17))
    RegistrationFactory.create(patient=patient, clinic=clinic, record_number="R0815")
    ContactPointFactory.create(patient=patient, value="+12025550143")
    others = [RegistrationFactory.create(clinic=clinic).patient for _number in range(2)]
    okafor, reyes = open_provider(clinic, "Dr. Okafor"), open_provider(clinic, "Dr. Reyes")
    return Place(clinic, desk, signed_in(desk), okafor, reyes, kind, patient, others)


def text_of(response: Any) -> str:
    """Return an answer's words, without its markup."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("&nbsp;", " ")


def path_of(response: Any) -> str:
    """Return where an answer leads, without its query."""
    return str(urlsplit(response["Location"]).path)
