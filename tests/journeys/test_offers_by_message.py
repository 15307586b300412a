"""A time that one patient gives back reaches another's phone, and is taken by a link or by one word."""

import re

import pytest
from django.test import Client

from appointments.models import Appointment, WaitlistEntry, WaitlistOffer
from notifications.models import Message
from patients.models import Patient
from tests.appointments.conftest import place
from tests.factories import ContactPointFactory
from tests.http import Api
from tests.journeys.test_messages import PUBLIC, TELLING, Town, town
from tests.notifications.asked import wish
from tests.notifications.linked import BORN
from tests.notifications.waiting import by_day

__all__ = ["place", "town"]

pytestmark = pytest.mark.django_db

OTHER = "+12125550199"


@pytest.fixture
def given_back(town: Town) -> Appointment:
    """A visit of the second patient, given back while the first one waits for such a time."""
    lena = town.place.patients[0]
    by_day(town.place)
    Patient.objects.filter(pk=lena.pk).update(birth_date=BORN)
    wish(town.place, lena, state=WaitlistEntry.State.WAITING)
    ContactPointFactory.create(patient=town.place.patients[1], value=OTHER)
    other = Api.patient(town.place.users[1])
    visit = town.book(other, 9)
    town.does(other, visit, "cancel", reason="patient_request")
    town.turn()
    return visit


def test_an_offer_comes_by_text_and_is_taken_by_its_link(town: Town, given_back: Appointment) -> None:
    (offered,) = town.phone
    assert re.search(r"a time is free: .*9:00 AM\. Until .* reply 1 to take it, 2 for no\.", offered)
    address = re.search(rf"{PUBLIC}(/a/[\w-]+/)", offered)
    assert address
    link, phone = address[1], Client()
    assert "Take this time" in phone.get(link).content.decode()
    born = {"month": BORN.month, "day": BORN.day, "year": BORN.year, "on": "accept"}
    assert phone.post(f"{link}check/", born)["Location"] == f"{link}accept/"
    assert phone.post(f"{link}accept/").status_code == 303
    town.turn()
    assert "your visit is booked" in town.phone[1]
    taken = WaitlistOffer.objects.get()
    assert taken.appointment is not None
    assert taken.appointment.starts_at == given_back.starts_at
    assert "You took this time" in phone.get(link).content.decode()
    assert not [word for word in TELLING for text in town.phone if word in text]


def test_an_offer_is_taken_by_one_word(town: Town, given_back: Appointment) -> None:
    reply = town.answers("1")
    assert (reply.meaning, reply.state) == ("accept", "acted")
    town.turn()
    assert ["a time is free" in town.phone[0], "your visit is booked" in town.phone[1]] == [True, True]
    assert WaitlistOffer.objects.get().state == "accepted"


def test_a_no_goes_on_to_whoever_is_next(town: Town, given_back: Appointment) -> None:
    third = town.place.patients[2]
    ContactPointFactory.create(patient=third, value="+12125550177")
    wish(town.place, third, state=WaitlistEntry.State.WAITING)
    town.answers("2")
    town.turn()
    offers = WaitlistOffer.objects.order_by("made_at")
    assert [(offer.entry.patient_id, offer.state) for offer in offers] == [
        (town.place.patients[0].pk, "declined"),
        (third.pk, "offered"),
    ]
    assert len(town.phone) == 1
    assert Message.objects.filter(kind="offer", state="sent").count() == 2
