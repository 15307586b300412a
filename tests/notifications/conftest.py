"""A small clinic whose first patient has a phone, an e-mail address and a booked visit."""

import datetime as dt
from collections.abc import Callable

import pytest

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from patients.models import ContactPoint, Patient
from tests.appointments.conftest import SmallClinic, place
from tests.factories import ContactPointFactory

__all__ = ["place"]

PHONE = "+12125550142"
EMAIL = "lena.moreau@mail.example"

Book = Callable[..., Appointment]


def reachable(patient: Patient, *, phone: str = PHONE, email: str = EMAIL) -> Patient:
    """Give the patient a phone and an e-mail address that may be written to, the phone first; "" leaves one out."""
    for system, value in (("phone", phone), ("email", email)):
        if value:
            ContactPointFactory.create(patient=patient, system=system, value=value)
    return patient


@pytest.fixture
def lena(place: SmallClinic) -> Patient:
    """The clinic's first patient, with a phone and an e-mail address."""
    return reachable(place.patients[0])


@pytest.fixture
def phone(lena: Patient) -> ContactPoint:
    """The patient's phone number."""
    return ContactPoint.objects.get(patient=lena, system="phone")


@pytest.fixture
def email(lena: Patient) -> ContactPoint:
    """The patient's e-mail address."""
    return ContactPoint.objects.get(patient=lena, system="email")


@pytest.fixture
def book(place: SmallClinic) -> Book:
    """Book through the service, by the desk, at a time by the clinic's clock so many days ahead; nothing is relayed."""

    def _book(hour: int = 10, minute: int = 0, *, days: int = 10, patient: int = 0) -> Appointment:
        booking = place.booking(place.at(hour, minute, days=days), patient)
        return book_appointment(booking, caller=place.staff)[0]

    return _book


@pytest.fixture
def visit(lena: Patient, book: Book) -> Appointment:
    """A visit of the patient with phone and e-mail, at ten in ten days; its facts are not relayed yet."""
    return book()


def hours(number: float) -> dt.timedelta:
    """Return so many hours."""
    return dt.timedelta(hours=number)
