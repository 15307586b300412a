"""A clinic in the middle of its day, committed: everything that a front desk meets, today and by the clinic's clock."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from appointments.models import Appointment, CancellationReason, Hold, Status
from appointments.services.booking import Caller
from appointments.services.holding import place_hold
from mediconnect.accounts.models import User
from patients.models import Patient
from providers.models import AppointmentType, Clinic, Provider, Role, Room
from providers.rules.holidays import public_holidays
from providers.services.openings import expand
from tests.factories import (
    AppointmentFactory,
    AppointmentTypeFactory,
    ClinicFactory,
    ContactPointFactory,
    MembershipFactory,
    OneOffHoursFactory,
    ProviderFactory,
    RegistrationFactory,
    RoomFactory,
    UserFactory,
    WorkingHoursFactory,
)

# One zone for nearly every hour of the globe: wherever and whenever the tests run, the clinic is in one of them.
_ZONES: Final = (
    "Pacific/Honolulu", "America/Anchorage", "America/Los_Angeles", "America/Denver", "America/Chicago",
    "America/New_York", "America/Halifax", "America/Sao_Paulo", "America/Noronha", "Atlantic/Cape_Verde",
    "Europe/London", "Europe/Madrid", "Africa/Johannesburg", "Africa/Nairobi", "Asia/Dubai", "Asia/Karachi",
    "Asia/Dhaka", "Asia/Bangkok", "Asia/Singapore", "Asia/Tokyo", "Australia/Brisbane", "Pacific/Noumea",
    "Pacific/Auckland",
)  # fmt: skip
_LATE_MORNING: Final = dt.timedelta(hours=11, minutes=30)
_OPEN: Final = (dt.time(7), dt.time(20))
_HORIZON: Final = 30  # days; enough for every page, and quick to expand

PEOPLE: Final = {
    "maria": ("Maria", "Santos"),
    "peter": ("Peter", "Lang"),
    "aisha": ("Aisha", "Khan"),
    "tomas": ("Tomás", "Herrera"),
    "ingrid": ("Ingrid", "Nilsen"),
    "kofi": ("Kofi", "Mensah"),
    "mei": ("Mei", "Chen"),
    "olga": ("Olga", "Petrova"),
    "james": ("James", "Whitfield"),
    "layla": ("ليلى", "عبد الرحمن"),
    "noa": ("נועה", "כהן"),
    "max": ("Maximiliana-Wilhelmina Konstanze", "Featherstonehaugh-Cholmondeley-Wolfeschlegelstein"),
}


def late_morning_zone(now: dt.datetime) -> ZoneInfo:
    """Return a zone in which it is about half past eleven: the day has a past and a future, and midnight is far."""

    def distance(name: str) -> dt.timedelta:
        local = now.astimezone(ZoneInfo(name))
        return abs(dt.timedelta(hours=local.hour, minutes=local.minute) - _LATE_MORNING)

    return ZoneInfo(min(_ZONES, key=distance))


@dataclass
class ClinicDay:
    """The clinic and who and what is in it.

    `desk` and `other_desk` are at the front desk, `admin` is clinic admin, `doctor` is `providers[0]`'s own sign-in. All
    passwords are `tests.factories.PASSWORD`. `patients` go by the keys of `PEOPLE`, `visits` by where they stand:
    completed, no_show, in_progress, roomed, arrived, late, booked, confirmed, arabic, long, cancelled, tomorrow.
    `base` is the half hour in which the day was made, and what `at` counts from.
    """

    clinic: Clinic
    base: dt.datetime
    desk: User
    other_desk: User
    admin: User
    doctor: User
    providers: list[Provider]
    rooms: list[Room]
    consultation: AppointmentType
    follow_up: AppointmentType
    procedure: AppointmentType
    patients: dict[str, Patient] = field(default_factory=dict)
    visits: dict[str, Appointment] = field(default_factory=dict)

    def at(self, minutes: int) -> dt.datetime:
        """Return the instant so many minutes after `base` (before it, if negative), by the clinic's clock."""
        return self.base + dt.timedelta(minutes=minutes)

    def path(self, name: str, /, **arguments: Any) -> str:
        """Return the address of a page of this clinic: `day.path("visit", visit=…)`."""
        return reverse(f"portal:{name}", kwargs={"clinic": self.clinic.pk} | arguments)

    def fresh(self, visit: str) -> Appointment:
        """Return the visit as the database has it now."""
        return Appointment.objects.get(pk=self.visits[visit].pk)

    def visits_of(self, patient: str) -> list[Appointment]:
        """Return a patient's visits as the database has them now, by start."""
        return list(Appointment.objects.filter(patient=self.patients[patient]).order_by("starts_at"))

    def hold(self, provider: int, minutes: int, *, by: User | None = None) -> Hold:
        """Hold a consultation's time so many minutes from `base`, by the other desk unless said otherwise."""
        caller = Caller((by or self.other_desk).pk, patients_own=False)
        held, _ = place_hold(
            appointment_type_id=self.consultation.pk,
            provider_id=self.providers[provider].pk,
            start=self.at(minutes),
            caller=caller,
        )
        return held


@transaction.atomic
def clinic_day(since_days: int = 0) -> ClinicDay:
    """Make the clinic: three providers, four rooms, three types of visit, twelve patients, a dozen visits.

    It has been open for `since_days` before today.
    """
    zone = late_morning_zone(timezone.now())
    now = timezone.now().astimezone(zone)
    base = now.replace(minute=now.minute // 30 * 30, second=0, microsecond=0)
    clinic = ClinicFactory.create(
        name="Harbour Street Clinic",
        timezone=zone.key,
        region="US",  # whichever zone it is in: times read 9:30 AM at every hour of the tests' day
        phone="+12025550100",
        minimum_notice_minutes=0,
        horizon_days=_HORIZON,
    )
    day = _place(clinic, base, base.date() - dt.timedelta(days=since_days))
    for number, (key, (given, family)) in enumerate(PEOPLE.items()):
        registration = RegistrationFactory.create(
            clinic=clinic, patient__given_name=given, patient__family_name=family, record_number=f"R{number + 1:05d}"
        )
        day.patients[key] = registration.patient
        ContactPointFactory.create(patient=registration.patient, value=f"+1202555{100 + number:04d}")
    _fill(day)
    return day


def _place(clinic: Clinic, base: dt.datetime, since: dt.date) -> ClinicDay:
    doctor = UserFactory.create(display_name="Amara Obi")
    exam = [RoomFactory.create(clinic=clinic, name=f"Room {number}") for number in (1, 2, 3)]
    day = ClinicDay(
        clinic=clinic,
        base=base,
        desk=_staff(clinic, "Dana Brooks", Role.FRONT_DESK),
        other_desk=_staff(clinic, "Sam Ortega", Role.FRONT_DESK),
        admin=_staff(clinic, "Priya Raman", Role.CLINIC_ADMIN),
        doctor=doctor,
        providers=[
            add_provider(clinic, since, name="Dr. Amara Obi", user=doctor),
            add_provider(clinic, since, name="Dr. Daniel Reyes", specialty="Radiology"),
            add_provider(clinic, since, name="Dr. Hannah Weiss-Lindqvist", specialty="Physiotherapy"),
        ],
        rooms=[*exam, RoomFactory.create(clinic=clinic, name="Treatment room", category="treatment")],
        consultation=AppointmentTypeFactory.create(clinic=clinic, name="Consultation", room_kind="exam"),
        follow_up=AppointmentTypeFactory.create(clinic=clinic, name="Follow-up", duration=15, colour="#4f8a5b"),
        procedure=AppointmentTypeFactory.create(
            clinic=clinic,
            name="Minor procedure",
            duration=60,
            buffer_before=10,
            buffer_after=10,
            room_kind="treatment",
            colour="#a5533b",
        ),
    )
    MembershipFactory.create(user=doctor, clinic=clinic, role=Role.PROVIDER)
    return day


def _staff(clinic: Clinic, name: str, role: Role) -> User:
    user: User = MembershipFactory.create(clinic=clinic, role=role, user__display_name=name).user
    return user


def add_provider(clinic: Clinic, since: dt.date, hours: tuple[dt.time, dt.time] = _OPEN, **words: Any) -> Provider:
    """Make a provider who works every day from the beginning of `since` on, public holidays too."""
    provider: Provider = ProviderFactory.create(clinic=clinic, weekdays=(), **words)
    for weekday in range(7):
        WorkingHoursFactory.create(
            resource=provider, clinic=clinic, weekday=weekday, start_time=hours[0], end_time=hours[1]
        )
    for date in public_holidays(clinic.region, since, since + dt.timedelta(days=_HORIZON)):
        OneOffHoursFactory.create(resource=provider, clinic=clinic, date=date, start_time=hours[0], end_time=hours[1])
    expand(resource_id=provider.pk, clinic_id=clinic.pk, since=since)
    return provider


def _fill(day: ClinicDay) -> None:
    """Write the day's visits: provider, minutes from `base`, patient, room, and where it stands."""

    def visit(name: str, provider: int, minutes: int, patient: str, room: int | None = None, **more: Any) -> None:
        kind = more.pop("kind", day.consultation)
        day.visits[name] = AppointmentFactory.create(
            clinic=day.clinic,
            provider=day.providers[provider],
            appointment_type=kind,
            patient=day.patients[patient],
            starts_at=day.at(minutes),
            room=None if room is None else day.rooms[room],
            buffer_before=kind.buffer_before,
            buffer_after=kind.buffer_after,
            **more,
        )

    def passed(*, arrived: int, roomed: int | None = None, started: int | None = None, ended: int | None = None) -> Any:
        moments = {"arrived_at": arrived, "roomed_at": roomed, "started_at": started, "ended_at": ended}
        return {name: day.at(minutes) for name, minutes in moments.items() if minutes is not None}

    visit("completed", 0, -120, "maria", 0, status=Status.COMPLETED,
          **passed(arrived=-125, roomed=-121, started=-118, ended=-92))  # fmt: skip
    visit("no_show", 1, -90, "peter", status=Status.NO_SHOW, kind=day.follow_up, ended_at=day.at(-70))
    visit("in_progress", 0, -30, "aisha", 0, status=Status.IN_PROGRESS, **passed(arrived=-40, roomed=-32, started=-25))
    visit("roomed", 1, 0, "tomas", 1, status=Status.ROOMED, **passed(arrived=-20, roomed=-5))
    visit("arrived", 2, 0, "ingrid", 2, status=Status.ARRIVED, **passed(arrived=-15))
    visit("late", 2, -30, "kofi", kind=day.follow_up)
    visit("booked", 0, 60, "mei", 0)
    visit("confirmed", 1, 90, "olga", 1, status=Status.CONFIRMED)
    visit("arabic", 2, 60, "layla", 2)
    visit("long", 1, 150, "max", 3, kind=day.procedure)
    visit("cancelled", 0, 180, "james", 0, status=Status.CANCELLED,
          cancellation_reason=CancellationReason.PATIENT_REQUEST, ended_at=day.at(-60))  # fmt: skip
    visit("tomorrow", 0, 24 * 60, "noa", 0)
