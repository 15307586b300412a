"""What a patient's phone shows, from the booking to the answer: API, facts, senders, a service on a socket, its webhooks."""

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.outbox.services.relaying import relay
from mediconnect.resilience.breaker import breaker_of
from mediconnect.resilience.reach import server
from notifications.models import Message, Reminder, Reply
from notifications.services.polling import poll_reminders
from notifications.services.sending import send_due
from patients.models import Dependant, Patient
from providers.models import AppointmentType
from tests.appointments.conftest import SmallClinic, place
from tests.counterparts.post_office import PostOffice, post_office
from tests.factories import ContactPointFactory
from tests.http import Api
from tests.notifications.signing import from_twilio

__all__ = ["place"]

pytestmark = pytest.mark.django_db

PHONE = "+12125550142"
TOKEN, PUBLIC = "token", "https://visits.clinic.example"
TELLING = ("Oncology", "lump", "Lena", "Moreau", "Obi")
"""What only the clinic and its patient know: type of visit, reason, names."""


@dataclass
class Town:
    """A clinic, a patient with a phone, and the service that carries texts."""

    place: SmallClinic
    office: PostOffice
    desk: Api
    patient: Api
    replies: int = 0

    def book(self, by: Api, hour: int, **body: Any) -> Appointment:
        """Book at that hour in ten days, and let the world take its course."""
        wish = {
            "appointment_type": str(self.place.kind.pk), "provider": str(self.place.provider.pk),
            "start": self.place.at(hour, days=10).isoformat(), "reason": "a lump", **body,
        }  # fmt: skip
        answer = by.post("appointments/", wish)
        assert answer.status_code == 201, answer.content
        self.turn()
        return Appointment.objects.get(pk=answer.json()["id"])

    def does(self, by: Api, visit: Appointment, step: str, **body: Any) -> None:
        """Take a step with the visit as it now is."""
        visit.refresh_from_db()
        answer = by.post(f"appointments/{visit.pk}/{step}/", {"version": visit.version, **body})
        assert answer.status_code == 200, answer.content
        self.turn()
        visit.refresh_from_db()

    def turn(self) -> None:
        """Let the facts be heard and what is due be sent."""
        relay()
        send_due(seconds=5.0, stay=False)

    def later(self, **time: float) -> None:
        """Let so much time pass for whatever waits."""
        for message in Message.objects.filter(state="waiting"):
            Message.objects.filter(pk=message.pk).update(due_at=message.due_at - dt.timedelta(**time))
        self.turn()

    def answers(self, body: str) -> Reply:
        """Let the phone answer, as Twilio tells it."""
        self.replies += 1
        form = {"MessageSid": f"SM{self.replies:032d}", "From": PHONE, "To": "+12025550100", "Body": body}
        assert from_twilio("/webhooks/twilio/inbound/", form, public=PUBLIC, token=TOKEN).status_code == 200
        self.turn()
        return Reply.objects.get(provider_id=form["MessageSid"])

    @property
    def phone(self) -> list[str]:
        """The texts on the phone, the first first, without what all of them end with."""
        return [text["body"].removesuffix(" STOP to end") for text in self.office.taken if text["to"] == PHONE]


@pytest.fixture
def town(place: SmallClinic, settings: Any) -> Iterator[Town]:
    """The clinic whose first patient has a phone and is awake."""
    AppointmentType.objects.filter(pk=place.kind.pk).update(name="Oncology")
    noon = 12 - timezone.now().hour
    lena = place.patients[0]
    # Etc/GMT-5 is five hours ahead: somewhere it is noon.
    Patient.objects.filter(pk=lena.pk).update(timezone=f"Etc/GMT{-noon:+d}" if noon else "Etc/GMT")
    ContactPointFactory.create(patient=lena, value=PHONE)
    with post_office() as office:
        for name, value in office.environment().items():
            setattr(settings, name, value)
        settings.PUBLIC_URL = PUBLIC
        server().client.flushdb()  # rates that a test before lowered
        breaker_of("twilio").reset("a journey begins", None)
        yield Town(place, office, Api.staff(place.desk), Api.patient(place.users[0]))


def test_a_booking_is_told_confirmed_by_reply_moved_and_cancelled(town: Town) -> None:
    visit = town.book(town.patient, 9)
    (booked,) = town.phone
    assert "your visit is booked" in booked
    assert "9:00 AM. Reply 1 to confirm" in booked

    reply = town.answers("1")
    visit.refresh_from_db()
    assert (reply.state, visit.status) == ("acted", "confirmed")
    assert "thank you, your visit is confirmed" in town.phone[1]

    town.does(town.patient, visit, "reschedule", start=town.place.at(11, days=10).isoformat())
    assert "your visit has a new time" in town.phone[2]
    assert "11:00 AM" in town.phone[2]
    town.does(town.patient, visit, "cancel", reason="patient_request")
    assert "your visit is cancelled" in town.phone[3]
    assert len(town.phone) == 4
    assert not [word for word in TELLING for text in town.phone if word in text]
    assert not Reminder.objects.filter(state="planned").exists()


def test_what_the_desk_takes_back_in_time_is_never_told(town: Town) -> None:
    visit = town.book(town.desk, 9, patient=str(town.place.patients[0].pk))
    town.does(town.desk, visit, "cancel", reason="clinic_error")
    town.does(town.desk, visit, "undo")
    town.does(town.desk, visit, "reschedule", start=town.place.at(14, days=10).isoformat())
    town.does(town.desk, visit, "reschedule", start=town.place.at(9, days=10).isoformat())
    town.later(minutes=3)
    assert len(town.phone) == 1
    skipped = Message.objects.filter(visit=visit, state="skipped").order_by("id").values_list("kind", "reason")
    assert list(skipped) == [("cancelled", "not_cancelled"), ("moved", "visit_moved"), ("moved", "nothing_new")]


def test_a_cancellation_that_was_told_and_taken_back_is_told_as_a_booking(town: Town) -> None:
    visit = town.book(town.desk, 9, patient=str(town.place.patients[0].pk))
    town.does(town.desk, visit, "cancel", reason="clinic_error")
    Message.objects.filter(kind="cancelled").update(due_at=timezone.now())  # the two minutes end before the undo comes
    town.turn()
    town.does(town.desk, visit, "undo")
    assert [re.findall("booked|cancelled", text)[0] for text in town.phone] == ["booked", "cancelled", "booked"]


def test_two_visits_of_one_person_are_one_reminder_and_one_answer(town: Town) -> None:
    visits = [town.book(town.desk, hour, patient=str(town.place.patients[0].pk)) for hour in (9, 11)]
    Reminder.objects.filter(lead_minutes=2880).update(due_at=timezone.now() - dt.timedelta(minutes=1))
    poll_reminders()
    town.turn()
    assert len(town.phone) == 3
    assert re.search(r"9:00 AM; .*11:00 AM\. Reply 1 to confirm all", town.phone[2])
    town.answers("1")
    assert {Appointment.objects.get(pk=visit.pk).status for visit in visits} == {"confirmed"}
    assert re.search(r"your visits are confirmed: .*9:00 AM; .*11:00 AM", town.phone[3])
    assert poll_reminders().messages == 0


def test_a_childs_visit_is_told_to_its_parent_without_a_name(town: Town) -> None:
    parent, child = town.place.patients[:2]
    Dependant.objects.create(guardian=parent, patient=child, relationship="child")
    visit = town.book(town.patient, 9, patient=str(child.pk))
    (told,) = town.phone
    assert not [word for word in TELLING if word in told]
    town.answers("1")
    visit.refresh_from_db()
    assert visit.status == "confirmed"


def test_stop_ends_it_at_once_and_start_lifts_it(town: Town) -> None:
    town.book(town.patient, 9)
    town.answers("STOP")
    town.book(town.patient, 10)
    assert len(town.phone) == 1
    assert Message.objects.latest("id").reason == "opted_out"
    town.answers("START")
    town.book(town.patient, 11)
    assert len(town.phone) == 2


def test_the_link_shows_no_name_and_dies_with_the_time_it_told(town: Town) -> None:
    visit = town.book(town.patient, 9)
    found = re.search(r"http\S+", town.phone[0])
    assert found is not None
    path = urlsplit(found[0]).path
    page = Client().get(path)
    assert page.status_code == 200
    assert not [word for word in TELLING if word in page.content.decode()]
    town.does(town.desk, visit, "reschedule", start=town.place.at(15, days=10).isoformat())
    assert Client().get(path).status_code == 410
