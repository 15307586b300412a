"""A clinic in New York and a week of it in March 2026, so that every figure can be worked out on paper.

The clocks go forward on Sunday the 8th: 02:00 becomes 03:00, so that Sunday has 23 hours.
"""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection
from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from appointments.models import Appointment
from mediconnect.portal.reports.reading import Asked
from patients.models import Patient, Registration
from providers.models import AppointmentType, Clinic, Opening, Provider
from tests.factories import (
    AppointmentTypeFactory,
    ClinicFactory,
    MembershipFactory,
    ProviderFactory,
    RegistrationFactory,
)

NEW_YORK = ZoneInfo("America/New_York")
MONDAY, SUNDAY = dt.date(2026, 3, 2), dt.date(2026, 3, 8)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Return that time of March 2026 by the clinic's clock."""
    return dt.datetime(2026, 3, day, hour, minute, tzinfo=NEW_YORK)


@dataclass
class Week:
    """The clinic, its people, and verbs that fill its calendar; times are given as (day of March, hour, minute)."""

    clinic: Clinic
    provider: Provider
    kind: AppointmentType

    def asked(self, first: dt.date = MONDAY, last: dt.date = SUNDAY, **changes: Any) -> Asked:
        """Return the question about these days, asked at the end of March."""
        words: dict[str, Any] = {"now": at(31, 12), "provider_id": None}
        return Asked(self.clinic.pk, NEW_YORK, first, last, **(words | changes))

    def open(self, start: dt.datetime, end: dt.datetime, provider: Provider | None = None) -> None:
        """Open the hours of the provider."""
        Opening.objects.create(
            resource=provider or self.provider, clinic=self.clinic, during=DateTimeTZRange(start, end)
        )

    def patient(self) -> Patient:
        """Return somebody new who is registered here."""
        patient: Patient = RegistrationFactory.create(clinic=self.clinic).patient
        return patient

    def visit(self, start: dt.datetime, minutes: int = 30, status: str = "completed", **columns: Any) -> Appointment:
        """Write a visit as it stands; a cancelled one was cancelled an hour before its start unless told otherwise."""
        words: dict[str, Any] = {
            "clinic": self.clinic,
            "provider": self.provider,
            "appointment_type": self.kind,
            "starts_at": start,
            "ends_at": start.astimezone(dt.UTC) + dt.timedelta(minutes=minutes),
            "status": status,
        }
        if status == "cancelled":
            words |= {"cancellation_reason": "patient_request", "ended_at": start - dt.timedelta(hours=1)}
        words |= columns
        booked = words.pop("booked", None)
        words.setdefault("patient", None)
        words["patient"] = words["patient"] or self.patient()
        if not Registration.objects.filter(patient=words["patient"], clinic=self.clinic).exists():
            RegistrationFactory.create(patient=words["patient"], clinic=self.clinic)
        made: Appointment = Appointment.objects.create(**words)
        if booked:
            self.backdate(made.pk, booked)
        return made

    @staticmethod
    def backdate(visit_id: uuid.UUID, booked: dt.datetime) -> None:
        """Let the visit have been booked at that moment."""
        with connection.cursor() as cursor:
            cursor.execute("UPDATE appointments_appointment SET created_at = %s WHERE id = %s", [booked, visit_id])


def week() -> Week:
    """Make the clinic: one provider without hours, one type of visit."""
    clinic = ClinicFactory.create()
    provider = ProviderFactory.create(clinic=clinic, weekdays=(), name="Dr. Amara Obi")
    return Week(clinic, provider, AppointmentTypeFactory.create(clinic=clinic, name="Consultation"))


def member(clinic: Clinic, role: str = "front_desk") -> Any:
    """Return somebody who works at the clinic."""
    return MembershipFactory.create(clinic=clinic, role=role).user
