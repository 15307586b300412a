"""Make consistent records with few words; related values are derived, never repeated."""

import datetime as dt

import factory
from django.utils import timezone

from mediconnect.accounts.models import User
from patients.models import (
    ContactPoint,
    ContactSystem,
    Dependant,
    Patient,
    Registration,
    index_of_last_four,
    index_of_value,
)
from providers.models import Clinic, Membership
from providers.models.clinic import Role

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
