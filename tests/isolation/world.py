"""One patient's records at one clinic, and everybody who might ask for them."""

import datetime as dt
import uuid
from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from appointments.models import Appointment, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.booking import book_appointment
from appointments.services.holding import place_hold
from appointments.services.series.booking import SeriesBooking, book_series
from mediconnect.accounts.models import User
from mediconnect.api.views import ApiView
from mediconnect.records.models import VersionedModel
from notifications.models import Message
from patients.models import ContactPoint, Patient, Registration
from providers.models import (
    AppointmentType,
    Clinic,
    Closure,
    Device,
    Membership,
    OneOffHours,
    Opening,
    PractitionerRole,
    Provider,
    Role,
    Room,
    TimeOff,
    WorkingHours,
)
from providers.services.openings import expand
from tests.appointments.conftest import SmallClinic, add_room, small_clinic
from tests.factories import ContactPointFactory, DependantFactory, MessageFactory, UserFactory, WorkingHoursFactory
from tests.http import Api

PREFIX = "api/v1/"
NOT_ENDPOINTS = {"schema/", "docs/"}

# What the records say, in words that stand nowhere else.
GIVEN, FAMILY, RECORD_NUMBER = "Wilhelmina", "Aldersgate", "QX-40417"
EMAIL, PHONE = "wilhelmina.aldersgate@example.org", "+12125550177"
REASON, PATIENT_NOTE, INTERNAL_NOTE = "sore-knee-since-may", "ring-the-side-door", "was-short-with-the-desk"
DESK_NOTES, CHILD, AWAY_REASON = "needs-a-ramp-at-nine", "Bartholomew", "own-knee-surgery"

ROWS: dict[str, type[VersionedModel]] = {
    "closures": Closure,
    "rooms": Room,
    "devices": Device,
    "appointment-types": AppointmentType,
    "working-hours": WorkingHours,
    "one-off-hours": OneOffHours,
    "time-off": TimeOff,
}


def endpoints() -> Iterator[tuple[str, type[ApiView]]]:
    """Yield each address below /api/v1/ as the URL map writes it, with its view."""
    for route, pattern in _patterns(get_resolver().url_patterns, ""):
        if route.startswith(PREFIX) and route.removeprefix(PREFIX) not in NOT_ENDPOINTS:
            yield route.removeprefix(PREFIX), pattern.callback.view_class  # type: ignore[attr-defined]


def _patterns(found: list[URLPattern | URLResolver], prefix: str) -> Iterator[tuple[str, URLPattern]]:
    for entry in found:
        route = prefix + str(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from _patterns(entry.url_patterns, route)
        else:
            yield route, entry


def methods_of(view: type[ApiView]) -> set[str]:
    """Return the methods that the view implements, whatever it declares."""
    return {name.upper() for name in view.http_method_names if name != "options" and hasattr(view, name)}


@dataclass
class World:
    """The records, by the names that addresses use for them, and the callers by what they are."""

    place: SmallClinic
    elsewhere: SmallClinic
    visit: Appointment
    ids: dict[str, uuid.UUID]
    rows: dict[str, uuid.UUID]
    callers: dict[str, Api]

    @property
    def patient(self) -> Patient:
        return self.place.patients[0]

    def path(self, route: str, **changes: uuid.UUID) -> str:
        """Return the route with the patient's and its clinic's records in it, or with those of `changes`."""
        parts = route.split("/")
        for index, part in enumerate(parts):
            if part.startswith("<uuid:"):
                name = part.removeprefix("<uuid:").removesuffix(">")
                known = self.rows[parts[index - 1]] if name == "row_id" else self.ids[name]
                parts[index] = str(changes.get(name, known))
        return "/".join(parts)

    def day(self, days: int) -> str:
        """Return the date so many days from today, by the clinic's clock."""
        return self.place.at(0, days=days).date().isoformat()

    def booking(self, hour: int) -> dict[str, str]:
        """Return the body of a booking for the patient."""
        return {
            "appointment_type": str(self.place.kind.pk),
            "provider": str(self.place.provider.pk),
            "patient": str(self.patient.pk),
            "start": self.place.at(hour).isoformat(),
        }

    def version_of(self, kind: str) -> int:
        """Return the version at which the record now is: `visit`, `patient`, `clinic`, `contact-point`, or a row's kind."""
        models: dict[str, tuple[type[VersionedModel], uuid.UUID]] = {
            "visit": (Appointment, self.visit.pk),
            "patient": (Patient, self.patient.pk),
            "clinic": (Clinic, self.place.clinic.pk),
            "wish": (WaitlistEntry, self.ids["entry_id"]),
            "contact-point": (ContactPoint, self.ids["contact_point_id"]),
            **{kind: (model, self.rows[kind]) for kind, model in ROWS.items()},
        }
        model, pk = models[kind]
        version: int = model._default_manager.values_list("version", flat=True).get(pk=pk)
        return version

    def versions_of_series(self) -> dict[str, int]:
        """Return the versions of the visits of the patient's series, by their ids."""
        visits = Appointment.objects.filter(series=self.ids["series_id"])
        return {str(pk): version for pk, version in visits.values_list("pk", "version")}

    def hidden_from(self, caller: str) -> list[str]:
        """Return the words that no answer to this caller may hold."""
        visit = [
            str(self.visit.pk),
            str(self.ids["hold_id"]),
            str(self.ids["series_id"]),
            str(self.ids["message_id"]),
            str(self.ids["entry_id"]),
            str(self.ids["offer_id"]),
            REASON,
            PATIENT_NOTE,
            INTERNAL_NOTE,
        ]
        person = [GIVEN, FAMILY, RECORD_NUMBER, EMAIL, PHONE, CHILD, DESK_NOTES, str(self.patient.pk)]
        person += [str(self.ids["contact_point_id"]), str(self.ids["dependant_id"])]
        return {
            "owner": [INTERNAL_NOTE, DESK_NOTES, AWAY_REASON],
            "desk": [AWAY_REASON],
            "manager": [],
            "colleague": [*visit, AWAY_REASON],
        }.get(caller, [*visit, *person, AWAY_REASON])


def make_world() -> World:
    """Make two clinics, and at the first a patient with a visit, a hold, and a record of each further kind."""
    place, elsewhere = small_clinic(), small_clinic()
    visit = _fill(place)
    ids, rows = _named(place, visit)
    return World(place, elsewhere, visit, ids, rows, _callers(place, elsewhere))


def _fill(place: SmallClinic) -> Appointment:
    patient, child = place.patients[0], place.patients[2]
    Patient.objects.filter(pk=patient.pk).update(given_name=GIVEN, family_name=FAMILY, notes=DESK_NOTES)
    Patient.objects.filter(pk=child.pk).update(given_name=CHILD, user=None)
    Registration.objects.filter(patient=patient).update(record_number=RECORD_NUMBER)
    add_room(place)
    Device.objects.create(name="Ultrasound", clinic=place.clinic, category="ultrasound")
    DependantFactory.create(guardian=patient, patient=child)
    ContactPointFactory.create(patient=patient, value=PHONE)
    ContactPointFactory.create(patient=patient, system="email", value=EMAIL)
    hours = {"resource": place.provider, "clinic": place.clinic}
    for weekday in range(7):
        WorkingHoursFactory.create(weekday=weekday, **hours)
    Opening.objects.filter(resource=place.provider).delete()
    expand(resource_id=place.provider.pk, clinic_id=place.clinic.pk)
    date = place.at(9).date() + dt.timedelta(days=100)
    OneOffHours.objects.create(date=date, start_time=dt.time(9), end_time=dt.time(12), **hours)
    away = {"starts_at": place.at(9, days=60), "ends_at": place.at(17, days=60)}
    TimeOff.objects.create(resource=place.provider, reason=AWAY_REASON, **away)
    Closure.objects.create(clinic=place.clinic, reason="stocktaking", **away)
    booking = place.booking(place.at(9), reason=REASON, patient_note=PATIENT_NOTE)
    visit, _ = book_appointment(booking, caller=place.patient_caller())
    Appointment.objects.filter(pk=visit.pk).update(internal_note=INTERNAL_NOTE)
    place_hold(
        appointment_type_id=place.kind.pk,
        provider_id=place.provider.pk,
        start=place.at(15),
        patient_id=patient.pk,
        caller=place.patient_caller(),
    )
    _offer(place)
    series = SeriesBooking(
        appointment_type_id=place.kind.pk,
        provider_id=place.provider.pk,
        patient_id=patient.pk,
        rrule="FREQ=WEEKLY;COUNT=2",
        starts_on=place.at(9, days=6).date(),
        start_time=dt.time(16),
        reason=REASON,
    )
    book_series(series, caller=place.staff)
    visit.refresh_from_db()
    MessageFactory.create(visit=visit, state="dead", reason="attempts_used_up", recipient=PHONE, body=REASON)
    return visit


def _offer(place: SmallClinic) -> None:
    """Let the patient wait for the clinic's provider, and be offered a time."""
    AppointmentType.objects.create(clinic=place.clinic, name="Check-up", duration=30)
    now = timezone.now()
    entry = WaitlistEntry.objects.create(
        clinic=place.clinic,
        patient=place.patients[0],
        appointment_type=place.kind,
        providers=[place.provider.pk],
        from_date=now.date(),
        until_date=place.at(9, days=30).date(),
        note=DESK_NOTES,
        state=WaitlistEntry.State.OFFERED,
        joined_at=now,
    )
    time = {"provider": place.provider, "starts_at": place.at(13), "ends_at": place.at(13, 30)}
    freed = FreedTime.objects.create(clinic=place.clinic, cause="cancelled", offer_from=now, **time)
    expires_at = now + dt.timedelta(hours=2)
    Hold.objects.create(
        clinic=place.clinic, appointment_type=place.kind, freed_time=freed, expires_at=expires_at, **time
    )
    WaitlistOffer.objects.create(entry=entry, freed_time=freed, made_at=now, expires_at=expires_at, **time)


def _named(place: SmallClinic, visit: Appointment) -> tuple[dict[str, uuid.UUID], dict[str, uuid.UUID]]:
    patient, provider, clinic = place.patients[0], place.provider, place.clinic
    ids = {
        "appointment_id": visit.pk,
        "hold_id": patient.holds.get().pk,
        "patient_id": patient.pk,
        "contact_point_id": patient.contact_points.filter(system="phone").get().pk,
        "dependant_id": place.patients[2].pk,
        "clinic_id": clinic.pk,
        "provider_id": provider.pk,
        "type_id": place.kind.pk,
        "entry_id": patient.waitlist_entries.get().pk,
        "offer_id": WaitlistOffer.objects.get(entry__patient=patient).pk,
        "series_id": patient.series.get().pk,
        "message_id": Message.objects.get(visit=visit).pk,
    }
    rows = {
        "closures": clinic.closures.get().pk,
        "rooms": clinic.resources.get(kind="room").pk,
        "devices": clinic.resources.get(kind="device").pk,
        "appointment-types": place.kind.pk,
        # Hours of a day on which nobody comes, so that they may be changed.
        "working-hours": provider.working_hours.get(weekday=place.at(9, days=5).weekday()).pk,
        "one-off-hours": OneOffHours.objects.get(resource=provider).pk,
        "time-off": provider.time_off.get().pk,
    }
    return ids, rows


def _employed(place: SmallClinic, role: str) -> User:
    user = UserFactory.create()
    Membership.objects.create(user=user, clinic=place.clinic, role=role)
    return user


def _callers(place: SmallClinic, elsewhere: SmallClinic) -> dict[str, Api]:
    colleague = _employed(place, Role.PROVIDER)
    other = Provider.objects.create(name="Dr. Samuel Lind", user=colleague)
    PractitionerRole.objects.create(provider=other, clinic=place.clinic)
    left = UserFactory.create()
    Patient.objects.filter(pk=place.patients[2].pk).update(user=left)
    gone = _employed(place, Role.CLINIC_ADMIN)
    callers = {
        "nobody": Api(),
        "disabled patient": Api.patient(left),
        "disabled manager": Api.staff(gone),
        "owner": Api.patient(place.users[0]),
        "owner without scopes": Api.patient(place.users[0], []),
        "stranger": Api.patient(place.users[1]),
        "desk": Api.staff(place.desk),
        "colleague": Api.staff(colleague),
        "manager": Api.staff(_employed(place, Role.CLINIC_ADMIN)),
        "desk elsewhere": Api.staff(elsewhere.desk),
        "manager elsewhere": Api.staff(_employed(elsewhere, Role.CLINIC_ADMIN)),
        "provider elsewhere": Api.staff(_employed(elsewhere, Role.PROVIDER)),
    }
    User.objects.filter(pk__in=[left.pk, gone.pk]).update(is_active=False)
    return callers
