"""Answers to text messages: few words are understood, bound to what was asked, and everything else is read by a person."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from appointments.models import Appointment, Status
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from mediconnect.records.models import Change
from notifications.models import AddressStanding, Channel, Kind, Message, Reply, State
from notifications.rules.replies import Meant, plain, understand
from patients.models import Patient, index_of_value
from tests.appointments.conftest import SmallClinic
from tests.factories import ContactPointFactory, RegistrationFactory, ReminderFactory
from tests.notifications.conftest import PHONE, reachable
from tests.notifications.heard import says, told

pytestmark = pytest.mark.django_db

Book = Callable[..., Appointment]

CONFIRMS = (
    "1",
    " 1 ",
    "1.",
    "１",
    "1️⃣",
    '"1"',
    "C",
    "c",
    "Confirm",
    "CONFIRMED",
    "yes",
    "YES!",
    "Yes, please",
    "y",
    "Sí",
    "si",
)
CONFIRMS_TOO = (
    "SÍ, gracias",
    "Ok",
    "okay thanks",
    "👍",
    "👍🏽",
    "✅",
    "Confirmo",
    "hola, sí",
    "I'll be there",
    "Sí, confirmo.",
)
CALLS = (
    "2",
    "R",
    "r.",
    "call me",
    "Please call me",
    "Llamar",
    "¿Llamar?",
    "llámame",
    "NO",
    "No, gracias",
    "👎",
    "no puedo ir",
)
STOPS = (
    "STOP",
    "stop.",
    "Stopall",
    "UNSUBSCRIBE",
    "quit",
    "revoke",
    "opt out",
    "stop texting me",
    "ALTO",
    "parar",
    "Baja",
)
UNCLEAR = (
    "", "   ", "12", "1 2", "1 or 2?", "yes?", "¿sí?", "yes no", "yes but can I come at 3", "is there parking", "thank you", "gracias",
    "🙏", "👍👎", "cancelar", "cancel my visit", "I don't want to stop", "non", "yes " * 30, "1" * 61, "I confirm nothing",
)  # fmt: skip


@pytest.mark.parametrize("text", CONFIRMS + CONFIRMS_TOO)
def test_words_that_confirm(text: str) -> None:
    assert understand(text).meant is Meant.CONFIRM


@pytest.mark.parametrize("text", CALLS)
def test_words_that_ask_for_a_call(text: str) -> None:
    assert understand(text).meant is Meant.CALL


@pytest.mark.parametrize("text", STOPS)
def test_words_that_stop(text: str) -> None:
    assert understand(text).meant is Meant.STOP


@pytest.mark.parametrize("text", UNCLEAR)
def test_whatever_else_is_unclear(text: str) -> None:
    assert understand(text).meant is Meant.UNCLEAR


def test_the_carrier_is_believed_over_the_words() -> None:
    assert understand("adiós", opt_out_type="STOP").meant is Meant.STOP
    assert understand("yes", opt_out_type="START").meant is Meant.START
    assert understand("1", opt_out_type="nonsense").meant is Meant.CONFIRM


@given(st.text())
def test_any_text_means_something_and_breaks_nothing(text: str) -> None:
    assert understand(text).meant in Meant
    assert plain(plain(text)) == plain(text)


def test_a_confirmation_confirms_the_visit_as_the_patients_own_act(visit: Appointment) -> None:
    asked = told(visit)
    reply = says("Sí")
    visit.refresh_from_db()
    assert (visit.status, reply.state, reply.message, reply.visit) == (Status.CONFIRMED, "acted", asked, visit)
    assert (reply.patient, reply.clinic) == (visit.patient, visit.clinic)
    last = Change.objects.of(visit).last()
    assert last is not None
    assert (last.reason, last.actor_id) == ("by reply", None)
    thanks = Message.objects.get(answers=reply)
    assert (thanks.kind, thanks.channel, thanks.state, thanks.urgent) == (Kind.THANKS, "sms", State.QUEUED, True)


def test_said_twice_it_is_thanked_once(visit: Appointment) -> None:
    told(visit)
    assert {says("1").state, says("yes").state} == {"acted"}
    assert Message.objects.filter(kind=Kind.THANKS).count() == 1


def test_the_same_text_told_twice_acts_once(visit: Appointment) -> None:
    told(visit)
    first = says("2", sid="SM1")
    assert says("2", sid="SM1") == first
    assert Reply.objects.count() == 1
    assert Message.objects.filter(kind=Kind.WILL_CALL).count() == 1


def test_no_is_not_cancel_but_a_call(visit: Appointment) -> None:
    told(visit)
    reply = says("NO")
    visit.refresh_from_db()
    assert (visit.status, reply.meaning, reply.state, reply.reason) == (Status.BOOKED, "call", "open", "asked_by_reply")
    assert Message.objects.get(answers=reply).kind == Kind.WILL_CALL


def test_unclear_words_wait_for_a_person_and_are_answered_once_a_day(visit: Appointment) -> None:
    told(visit)
    replies = [says("is there parking?"), says("hello??")]
    assert {(reply.state, reply.reason) for reply in replies} == {("open", "unclear_words")}
    assert Message.objects.filter(kind=Kind.PLEASE_CALL).count() == 1
    with time_machine.travel(timezone.now() + dt.timedelta(hours=25), tick=True):
        Message.objects.filter(kind=Kind.PLEASE_CALL).update(created_at=timezone.now() - dt.timedelta(hours=25))
        says("anybody there")
    assert Message.objects.filter(kind=Kind.PLEASE_CALL).count() == 2


def test_a_reply_before_we_know_that_it_was_sent_is_bound_as_well(visit: Appointment) -> None:
    lease: dict[str, Any] = {"lease_until": timezone.now() + dt.timedelta(seconds=45), "lease_token": visit.pk}
    told(visit, state=State.SENDING, in_doubt=True, sent_at=None, provider_id="", **lease)
    assert says("1").state == "acted"


@pytest.mark.parametrize("state", [State.QUEUED, State.SKIPPED, State.DEAD, State.UNDELIVERED])
def test_what_did_not_arrive_asked_nothing(visit: Appointment, state: State) -> None:
    told(visit, state=state, sent_at=None, reason="" if state == State.QUEUED else "refused")
    reply = says("1")
    visit.refresh_from_db()
    assert (visit.status, reply.state, reply.reason) == (Status.BOOKED, "open", "nothing_asked")


def test_a_cancelled_visit_is_not_confirmed(place: SmallClinic, visit: Appointment) -> None:
    told(visit)
    seen = Expected(visit.version, by_header=False)
    cancel_appointment(appointment_id=visit.pk, reason="clinic_other", expected=seen, caller=place.staff)
    reply = says("1")
    assert (reply.state, reply.reason) == ("open", "visit_cancelled")
    assert not Message.objects.filter(answers=reply).exists()


def test_a_visit_that_was_moved_since_is_not_confirmed(place: SmallClinic, visit: Appointment) -> None:
    told(visit)
    seen = Expected(visit.version, by_header=False)
    start = place.at(15, days=10)
    reschedule_appointment(appointment_id=visit.pk, start=start, expected=seen, caller=place.staff)
    reply = says("1")
    visit.refresh_from_db()
    assert (visit.status, reply.state, reply.reason) == (Status.BOOKED, "open", "visit_moved")


def test_a_visit_that_was_confirmed_before_may_be_confirmed_again(place: SmallClinic, visit: Appointment) -> None:
    told(visit)
    Appointment.objects.filter(pk=visit.pk).update(status=Status.CONFIRMED)
    assert says("1").state == "acted"


def test_a_message_about_a_visit_that_began_asks_nothing_any_more(visit: Appointment) -> None:
    told(visit)
    with time_machine.travel(visit.starts_at + dt.timedelta(minutes=1), tick=False):
        assert says("1").reason == "nothing_asked"


def test_two_visits_asked_about_within_a_day_are_not_guessed_between(book: Book, lena: Patient) -> None:
    one, two = book(9), book(11)
    told(one, sent_at=timezone.now() - dt.timedelta(hours=5))
    told(two)
    reply = says("1")
    assert (reply.state, reply.reason, reply.patient) == ("open", "two_visits", lena)
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.BOOKED}


def test_the_earlier_of_two_does_not_matter_once_it_is_answered_or_old(book: Book, lena: Patient) -> None:
    one, two = book(9), book(11)
    told(one, sent_at=timezone.now() - dt.timedelta(hours=25))
    told(two)
    assert says("1").visit == two
    one.refresh_from_db()
    assert one.status == Status.BOOKED
    told(one, kind=Kind.MOVED)
    assert says("1").visit == one  # the other one is confirmed


def test_two_visits_in_one_message_are_confirmed_together(book: Book, lena: Patient) -> None:
    one, two = book(9), book(11)
    message = told(one, kind=Kind.REMINDER, lead_minutes=2880)
    for each in (one, two):
        ReminderFactory.create(visit=each, message=message, state="taken", decided_at=timezone.now())
    reply = says("1")
    assert reply.state == "acted"
    assert set(Appointment.objects.values_list("status", flat=True)) == {Status.CONFIRMED}
    assert Message.objects.filter(answers=reply).count() == 1


def test_of_two_visits_in_one_message_the_one_that_still_holds_is_confirmed(
    place: SmallClinic, book: Book, lena: Patient
) -> None:
    one, two = book(9), book(11)
    message = told(one, kind=Kind.REMINDER, lead_minutes=2880)
    for each in (one, two):
        ReminderFactory.create(visit=each, message=message, state="taken", decided_at=timezone.now())
    cancel_appointment(
        appointment_id=two.pk, reason="clinic_other", expected=Expected(1, by_header=False), caller=place.staff
    )
    reply = says("1")
    one.refresh_from_db()
    assert (one.status, reply.state, reply.reason) == (Status.CONFIRMED, "open", "visit_cancelled")


def test_a_number_that_two_patients_share_confirms_only_what_was_asked(
    place: SmallClinic, book: Book, lena: Patient
) -> None:
    tom = reachable(place.patients[1], email="tom@mail.example")
    hers, his = book(9), book(11, patient=1)
    told(his)
    reply = says("1")
    hers.refresh_from_db()
    assert (reply.patient, reply.visit, hers.status) == (tom, his, Status.BOOKED)


def test_of_two_people_who_share_a_number_nobody_is_guessed(place: SmallClinic, book: Book, lena: Patient) -> None:
    reachable(place.patients[1], email="tom@mail.example")
    told(book(9))
    told(book(11, patient=1))
    reply = says("1")
    assert (reply.reason, reply.patient, reply.visit, reply.clinic) == ("two_visits", None, None, place.clinic)


def test_a_number_of_nobody_waits_without_a_clinic(db: None) -> None:
    reply = says("1", sender="+13035550199")
    assert (reply.state, reply.reason, reply.clinic, reply.patient) == ("open", "unknown_number", None, None)


def test_a_known_number_that_was_asked_nothing_goes_to_its_clinic(place: SmallClinic, lena: Patient) -> None:
    reply = says("When is my visit?")
    assert (reply.reason, reply.clinic, reply.patient) == ("nothing_asked", place.clinic, lena)


def test_the_owner_of_a_number_is_not_named_to_a_clinic_that_does_not_know_this_person(
    place: SmallClinic, visit: Appointment
) -> None:
    """A guardian's number: the clinic wrote to it about a child, the owner is somebody else's patient."""
    elsewhere = RegistrationFactory.create()
    ContactPointFactory.create(patient=elsewhere.patient, value="+13035550177")
    told(visit, address="+13035550177", kind=Kind.CANCELLED)
    reply = says("Who is this?", sender="+13035550177")
    assert (reply.reason, reply.clinic, reply.patient) == ("nothing_asked", place.clinic, None)


def test_stop_is_kept_drops_what_waits_and_is_answered_by_the_carrier_alone(visit: Appointment) -> None:
    told(visit)
    waiting = told(visit, kind=Kind.MOVED, visit_version=2, state=State.QUEUED, sent_at=None, first_attempt_at=None)
    reply = says("STOP")
    waiting.refresh_from_db()
    standing = AddressStanding.objects.get(channel=Channel.SMS, address_index=index_of_value("phone", PHONE))
    assert (reply.state, standing.opted_out_by) == ("acted", "reply")
    assert (waiting.state, waiting.reason) == (State.SKIPPED, "opted_out")
    assert not Message.objects.filter(answers=reply).exists()


def test_start_lifts_it_and_yes_does_for_somebody_who_had_stopped(visit: Appointment) -> None:
    index = index_of_value("phone", PHONE)
    told(visit)
    for word in ("START", "yes", "UNSTOP"):
        says("STOP")
        assert AddressStanding.objects.get(address_index=index).opted_out_at is not None
        assert says(word).meaning == "start"
        assert AddressStanding.objects.get(address_index=index).opted_out_at is None
    visit.refresh_from_db()
    assert visit.status == Status.BOOKED


def test_cancel_stops_messages_as_the_carrier_does_and_is_read_by_a_person(visit: Appointment) -> None:
    told(visit)
    reply = says("CANCEL")
    visit.refresh_from_db()
    assert (visit.status, reply.meaning, reply.state, reply.reason) == (Status.BOOKED, "stop", "open", "says_cancel")


def test_help_is_answered_by_the_carrier_where_it_knows_the_word(visit: Appointment) -> None:
    assert says("HELP").state == "acted"
    assert (says("Ayuda").state, says("ayuda", opt_out_type="HELP").state) == ("open", "acted")


def test_who_writes_can_be_reached_again(visit: Appointment) -> None:
    index = index_of_value("phone", PHONE)
    AddressStanding.objects.create(
        channel="sms", address_index=index, undeliverable_at=timezone.now(), undeliverable_code="twilio-30005"
    )
    told(visit)
    says("1")
    assert AddressStanding.objects.get(address_index=index).undeliverable_at is None


def test_what_was_written_is_sealed(visit: Appointment) -> None:
    reply = says("my rash is back")
    columns = str(
        list(Reply.objects.filter(pk=reply.pk).extra(select={"raw": "body", "who": "sender"}).values("raw", "who"))
    )
    assert "rash" not in columns
    assert PHONE not in columns
