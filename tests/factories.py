"""Make consistent records with few words; related values are derived, never repeated."""

import datetime as dt
from typing import Any

import factory
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.accounts.models import User
from notifications.models import Message, Reminder, Reply
from patients.models import (
    ContactPoint,
    ContactSystem,
    Dependant,
    Patient,
    Registration,
    index_of_last_four,
    index_of_value,
)
from providers.models import (
    AppointmentType,
    Clinic,
    Device,
    Membership,
    OneOffHours,
    Opening,
    PractitionerRole,
    Provider,
    Role,
    Room,
    WorkingHours,
)
from providers.services.openings import expand

PASSWORD = "plain-harbour-lantern"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody with a verified address and the password above."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    display_name = factory.Sequence(lambda number: f"Robin Miller {number}")
    email = factory.LazyAttribute(lambda user: f"{user.display_name.lower().replace(' ', '.')}@example.org")
    email_verified_at = factory.LazyFunction(timezone.now)
    password = factory.django.Password(PASSWORD)


class ClinicFactory(factory.django.DjangoModelFactory[Clinic]):
    """A clinic in New York."""

    class Meta:
        model = Clinic

    name = factory.Sequence(lambda number: f"Harbour Clinic {number}")
    timezone = "America/New_York"
    region = "US-NY"


class MembershipFactory(factory.django.DjangoModelFactory[Membership]):
    """Somebody at the front desk of a clinic."""

    class Meta:
        model = Membership

    user = factory.SubFactory(UserFactory)
    clinic = factory.SubFactory(ClinicFactory)
    role = Role.FRONT_DESK


class AppointmentTypeFactory(factory.django.DjangoModelFactory[AppointmentType]):
    """A consultation of half an hour."""

    class Meta:
        model = AppointmentType

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda number: f"Consultation {number}")


class RoomFactory(factory.django.DjangoModelFactory[Room]):
    """An examination room that can be used at any time."""

    class Meta:
        model = Room

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda number: f"Room {number}")
    category = "exam"


class DeviceFactory(factory.django.DjangoModelFactory[Device]):
    """An ultrasound device that can be used at any time."""

    class Meta:
        model = Device

    clinic = factory.SubFactory(ClinicFactory)
    name = factory.Sequence(lambda number: f"Ultrasound {number}")
    category = "ultrasound"


class WorkingHoursFactory(factory.django.DjangoModelFactory[WorkingHours]):
    """Mondays from nine to five; the row alone, see `ProviderFactory` for openings."""

    class Meta:
        model = WorkingHours

    clinic = factory.SubFactory(ClinicFactory)
    resource = factory.SubFactory(RoomFactory, clinic=factory.SelfAttribute("..clinic"))
    weekday = 0
    start_time = dt.time(9)
    end_time = dt.time(17)
    valid_from = dt.date(2026, 1, 1)


class OneOffHoursFactory(factory.django.DjangoModelFactory[OneOffHours]):
    """A Saturday morning; the row alone."""

    class Meta:
        model = OneOffHours

    clinic = factory.SubFactory(ClinicFactory)
    resource = factory.SubFactory(RoomFactory, clinic=factory.SelfAttribute("..clinic"))
    date = dt.date(2030, 6, 1)
    start_time = dt.time(9)
    end_time = dt.time(12)


class ProviderFactory(factory.django.DjangoModelFactory[Provider]):
    """Somebody who works at a clinic from nine to five on all seven weekdays, with openings up to the horizon.

    `ProviderFactory(clinic=…)` names the clinic, `weekdays=()` leaves the hours out, `specialty=…` says as what.
    """

    class Meta:
        model = Provider
        skip_postgeneration_save = True

    name = factory.Sequence(lambda number: f"Dr. Amara Obi {number}")
    # Not columns of the provider: taken out in `_create`.
    clinic = factory.SubFactory(ClinicFactory)
    weekdays = range(7)
    specialty = "General practice"

    @classmethod
    def _create(cls, model_class: type[Provider], *args: Any, **kwargs: Any) -> Provider:
        clinic, weekdays, specialty = (kwargs.pop(name) for name in ("clinic", "weekdays", "specialty"))
        provider: Provider = model_class.objects.create(*args, **kwargs)
        PractitionerRole.objects.create(provider=provider, clinic=clinic, specialty=specialty)
        for weekday in weekdays:
            WorkingHoursFactory.create(resource=provider, clinic=clinic, weekday=weekday)
        expand(resource_id=provider.pk, clinic_id=clinic.pk)
        return provider


class PatientFactory(factory.django.DjangoModelFactory[Patient]):
    """Somebody with a name and a birth date, known to no clinic; see `RegistrationFactory`."""

    class Meta:
        model = Patient

    given_name = factory.Iterator(["Maria", "Peter", "Aisha", "Tomás", "Ingrid", "Kofi", "Mei", "Olga"])
    family_name = factory.Sequence(lambda number: f"Morgan-{number}")
    birth_date = factory.Sequence(lambda number: dt.date(1950, 1, 1) + dt.timedelta(days=number * 37 % 20_000))


class RegistrationFactory(factory.django.DjangoModelFactory[Registration]):
    """A patient's registration at a clinic; `RegistrationFactory(clinic=…).patient` is a patient of that clinic."""

    class Meta:
        model = Registration

    patient = factory.SubFactory(PatientFactory)
    clinic = factory.SubFactory(ClinicFactory)
    record_number = factory.Sequence(lambda number: f"R{number:05d}")


class ContactPointFactory(factory.django.DjangoModelFactory[ContactPoint]):
    """A phone number of a patient, or with `system="email"` an address; the blind indexes follow from the value."""

    class Meta:
        model = ContactPoint

    patient = factory.SubFactory(PatientFactory)
    system = ContactSystem.PHONE
    value = factory.LazyAttributeSequence(
        lambda point, number: (
            f"+1212555{number % 10_000:04d}" if point.system == "phone" else f"person{number}@example.org"
        )
    )
    value_index = factory.LazyAttribute(lambda point: index_of_value(point.system, point.value))
    last_four_index = factory.LazyAttribute(
        lambda point: index_of_last_four(point.value) if point.system == "phone" else ""
    )


class DependantFactory(factory.django.DjangoModelFactory[Dependant]):
    """The right of one patient to act for another."""

    class Meta:
        model = Dependant

    guardian = factory.SubFactory(PatientFactory)
    patient = factory.SubFactory(PatientFactory)
    relationship = "child"


class AppointmentFactory(factory.django.DjangoModelFactory[Appointment]):
    """A visit two days ahead or later: of a type of the clinic, with a provider who works there, for a patient of it.

    It begins at the first half hour of the provider's openings that no visit of the clinic has, so on no public holiday.
    `AppointmentFactory(clinic=…)`, `provider=…`, `patient=…` name what is there already; its claims come with the row.
    """

    class Meta:
        model = Appointment

    clinic = factory.SubFactory(ClinicFactory)
    provider = factory.SubFactory(ProviderFactory, clinic=factory.SelfAttribute("..clinic"))
    appointment_type = factory.SubFactory(AppointmentTypeFactory, clinic=factory.SelfAttribute("..clinic"))
    patient = factory.LazyAttribute(lambda visit: RegistrationFactory.create(clinic=visit.clinic).patient)
    starts_at = factory.LazyAttribute(lambda visit: _next_start(visit.provider, visit.clinic))
    ends_at = factory.LazyAttribute(
        lambda visit: visit.starts_at + dt.timedelta(minutes=visit.appointment_type.duration)
    )


def _next_start(provider: Provider, clinic: Clinic) -> dt.datetime:
    """Return the first half hour from two days ahead that the provider is open and the clinic has no visit begin at."""
    half, soonest = dt.timedelta(minutes=30), timezone.now() + dt.timedelta(days=2)
    taken = set(Appointment.objects.filter(clinic=clinic).values_list("starts_at", flat=True))
    openings = Opening.objects.filter(resource=provider, clinic=clinic, during__startswith__gt=soonest).order_by(
        "during"
    )
    for during in openings.values_list("during", flat=True):
        start: dt.datetime = during.lower
        while start + half <= during.upper:
            if start not in taken:
                return start
            start += half
    message = f"{provider} has no time left at {clinic}."
    raise LookupError(message)


class MessageFactory(factory.django.DjangoModelFactory[Message]):
    """A text message that tells of a booked visit and is queued; `reason=…` with a state that needs one."""

    class Meta:
        model = Message

    visit = factory.SubFactory(AppointmentFactory)
    kind = Message.Kind.BOOKED
    channel = Message.Channel.SMS
    language = factory.SelfAttribute("visit.patient.language")
    clinic = factory.SelfAttribute("visit.clinic")
    patient = factory.SelfAttribute("visit.patient")
    visit_version = factory.SelfAttribute("visit.version")
    visit_starts_at = factory.SelfAttribute("visit.starts_at")
    expires_at = factory.SelfAttribute("visit.starts_at")
    due_at = factory.LazyFunction(timezone.now)
    created_at = factory.LazyFunction(timezone.now)


class ReminderFactory(factory.django.DjangoModelFactory[Reminder]):
    """The step two days before a visit, planned."""

    class Meta:
        model = Reminder

    visit = factory.SubFactory(AppointmentFactory)
    visit_version = factory.SelfAttribute("visit.version")
    visit_starts_at = factory.SelfAttribute("visit.starts_at")
    lead_minutes = 48 * 60
    due_at = factory.LazyAttribute(
        lambda reminder: reminder.visit_starts_at - dt.timedelta(minutes=reminder.lead_minutes)
    )


class ReplyFactory(factory.django.DjangoModelFactory[Reply]):
    """An unclear answer to a message, by text, that waits for somebody; the blind index follows from the sender."""

    class Meta:
        model = Reply

    message = factory.SubFactory(MessageFactory)
    visit = factory.SelfAttribute("message.visit")
    patient = factory.SelfAttribute("message.patient")
    clinic = factory.SelfAttribute("message.clinic")
    provider_id = factory.Sequence(lambda number: f"SM{number:032d}")
    sender = factory.Sequence(lambda number: f"+1212556{number % 10_000:04d}")
    sender_index = factory.LazyAttribute(lambda reply: index_of_value("phone", reply.sender))
    body = "Is there parking?"
    meaning = Reply.Meaning.UNCLEAR
    state = Reply.State.OPEN
