"""What people are told of their visits, and what is planned: moves and stops with the visit, in whatever order facts arrive."""

import datetime as dt
from typing import Any

import pytest
from django.db.models import F

from appointments.models import Appointment
from appointments.services.booking import Booking, Caller, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.moving_back import move_back
from appointments.services.undoing import undo_last_step
from appointments.services.walk_in import add_walk_in
from mediconnect.api.versions import Expected
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.services.relaying import relay
from mediconnect.resilience.transactions import decide
from notifications.handlers import write_booked, write_moved
from notifications.models import Message, MessageEvent, MessagePolicy, Reminder, TypeReminders
from notifications.rules.reasons import Why
from patients.models import ContactPoint, Patient
from tests.appointments.conftest import SmallClinic

from .conftest import Book

pytestmark = pytest.mark.django_db


def expected(visit: Appointment) -> Expected:
    """Return the version that the visit has now."""
    return Expected(Appointment.objects.get(pk=visit.pk).version, by_header=False)


def cancel(visit: Appointment, caller: Caller, reason: str = "provider_unavailable") -> Appointment:
    """Cancel the visit."""
    return cancel_appointment(appointment_id=visit.pk, reason=reason, expected=expected(visit), caller=caller)


def move(visit: Appointment, start: dt.datetime, caller: Caller) -> Appointment:
    """Move the visit."""
    return reschedule_appointment(appointment_id=visit.pk, start=start, expected=expected(visit), caller=caller)[0]


def told() -> list[tuple[str, str, str]]:
    """Return kind, state and reason of each message, in the order in which they were written."""
    return list(Message.objects.order_by("created_at", "id").values_list("kind", "state", "reason"))


def planned(**words: Any) -> list[tuple[int, str, str]]:
    """Return version, state and reason of the reminders, the longest lead first."""
    rows = Reminder.objects.filter(**words).order_by("visit_version", "-lead_minutes")
    return list(rows.values_list("visit_version", "state", "reason"))


def sent(kind: str) -> None:
    """Let the messages of a kind be sent."""
    waiting = Message.objects.filter(kind=kind, state__in=("queued", "waiting"))
    held = [message.pk for message in waiting]
    waiting.update(state="sending", reason="", lease_until=F("due_at"), lease_token=F("id"))
    Message.objects.filter(pk__in=held).update(state="sent", sent_at=F("due_at"), lease_until=None, lease_token=None)


def test_a_booking_is_confirmed_at_once_and_its_three_reminders_are_planned(
    visit: Appointment, place: SmallClinic
) -> None:
    relay()
    message = Message.objects.get()
    assert (message.kind, message.channel, message.state, message.urgent) == ("booked", "sms", "queued", False)
    assert (message.visit_version, message.visit_starts_at, message.expires_at) == (1, visit.starts_at, visit.starts_at)
    assert (message.recipient, message.body) == ("", "")
    assert list(message.events.values_list("what", "detail")) == [("queued", "")]
    due = Reminder.objects.order_by("due_at").values_list("lead_minutes", "due_at", "state")
    assert [(lead, visit.starts_at - at, state) for lead, at, state in due] == [
        (10080, dt.timedelta(days=7), "planned"),
        (2880, dt.timedelta(days=2), "planned"),
        (180, dt.timedelta(hours=2), "planned"),  # seven in the morning is night still: it waits until eight
    ]


def test_a_fact_that_arrives_twice_is_told_once(visit: Appointment) -> None:
    relay()
    for _ in range(2):
        write_booked(Fact.objects.get())
    assert (Message.objects.count(), Reminder.objects.count()) == (1, 3)


def test_a_second_delivery_on_another_channel_says_nothing_again(visit: Appointment, phone: ContactPoint) -> None:
    relay()
    ContactPoint.objects.filter(pk=phone.pk).update(active=False)
    write_booked(Fact.objects.get())
    assert Message.objects.get().channel == "sms"


def test_somebody_without_consent_is_not_written_to_and_the_log_says_why(place: SmallClinic, book: Book) -> None:
    ContactPoint.objects.all().update(consent=False)
    book(patient=1)
    relay()
    assert told() == [("booked", "skipped", "no_address")]
    assert MessageEvent.objects.get().detail == "no_address"


def test_a_visit_within_half_an_hour_and_a_walk_in_get_no_confirmation(lena: Patient, place: SmallClinic) -> None:
    add_walk_in(
        patient_id=lena.pk, appointment_type_id=place.kind.pk, provider_id=place.provider.pk, caller=place.staff
    )
    relay()
    assert told() == [("booked", "skipped", "begins_now")]
    assert not Reminder.objects.filter(state="planned").exists()


def test_a_patient_who_books_alone_is_answered_at_any_hour(lena: Patient, place: SmallClinic) -> None:
    booking: Booking = place.booking(place.at(10), source="patient")
    book_appointment(booking, caller=place.patient_caller())
    relay()
    assert Message.objects.get().urgent


def test_an_imported_visit_is_no_news(lena: Patient, place: SmallClinic) -> None:
    book_appointment(place.booking(place.at(10), source="imported"), caller=place.staff)
    relay()
    assert not Message.objects.exists()


def test_a_clinic_that_confirms_nothing_sends_nothing(visit: Appointment, place: SmallClinic) -> None:
    MessagePolicy.objects.create(clinic=place.clinic, tells_booked=False, reminder_minutes=[60 * 24])
    relay()
    assert told() == [("booked", "skipped", "clinic_sends_none")]
    assert Reminder.objects.get().lead_minutes == 60 * 24


def test_a_type_of_visit_has_reminders_of_its_own_or_none(visit: Appointment, place: SmallClinic) -> None:
    TypeReminders.objects.create(appointment_type=place.kind, reminder_minutes=[])
    relay()
    assert not Reminder.objects.exists()


def test_a_move_by_staff_is_told_after_two_minutes_and_plans_anew(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    moved = move(visit, place.at(11, days=12), place.staff)
    relay()
    message = Message.objects.get(kind="moved")
    assert (message.state, message.reason) == ("waiting", "undo_window")
    assert dt.timedelta(minutes=1, seconds=50) < message.due_at - message.created_at <= dt.timedelta(minutes=2)
    assert (message.visit_version, message.visit_starts_at) == (2, moved.starts_at)
    assert planned() == [(1, "skipped", "visit_moved")] * 3 + [(2, "planned", "")] * 3


def test_a_move_by_the_patient_is_told_at_once(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    move(visit, place.at(11, days=12), place.patient_caller())
    relay()
    message = Message.objects.get(kind="moved")
    assert (message.state, message.urgent) == ("queued", True)


def test_an_act_by_link_is_the_patients(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    caller = Caller(None, patients_own=True)
    decide(lambda: cancel(visit, caller, "patient_request"), actor_id=None, reason="by link")
    relay()
    message = Message.objects.get(kind="cancelled")
    assert (message.state, message.urgent) == ("queued", True)


def test_a_booking_that_moves_before_it_was_told_is_told_once_with_its_new_time(
    visit: Appointment, place: SmallClinic
) -> None:
    relay()
    moved = move(visit, place.at(11, days=12), place.staff)
    relay()
    assert told() == [("booked", "skipped", "visit_moved"), ("booked", "waiting", "undo_window")]
    assert Message.objects.get(state="waiting").visit_starts_at == moved.starts_at


def test_facts_that_arrive_in_the_wrong_order_tell_the_same(visit: Appointment, place: SmallClinic) -> None:
    moved = move(visit, place.at(11, days=12), place.staff)
    first, second = Fact.objects.filter(name__startswith="appointments.Appointment").order_by("created_at", "id")
    write_moved(second)
    write_booked(first)
    message = Message.objects.get()
    assert (message.kind, message.visit_version, message.visit_starts_at) == ("booked", 2, moved.starts_at)
    assert planned() == [(2, "planned", "")] * 3


def test_of_two_moves_only_the_last_is_told(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    move(visit, place.at(11, days=12), place.staff)
    last = move(visit, place.at(12, days=13), place.staff)
    relay()
    assert Message.objects.get(kind="moved").visit_starts_at == last.starts_at
    assert planned(state="planned") == [(3, "planned", "")] * 3


def test_a_move_back_leaves_the_judgement_to_the_moment_of_sending(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    move(visit, place.at(11, days=12), place.staff)
    relay()
    move_back(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    relay()
    assert told()[1:] == [("moved", "skipped", "visit_moved"), ("moved", "waiting", "undo_window")]
    assert planned(state="planned") == [(3, "planned", "")] * 3


def test_a_confirmation_is_no_other_time(visit: Appointment, place: SmallClinic) -> None:
    relay()
    advance_appointment(appointment_id=visit.pk, step="confirm", expected=expected(visit), caller=place.staff)
    relay()
    assert told() == [("booked", "queued", "")]
    assert planned() == [(1, "planned", "")] * 3


def test_a_cancellation_by_staff_waits_for_its_undo_and_drops_what_is_planned(
    visit: Appointment, place: SmallClinic
) -> None:
    relay()
    cancel(visit, place.staff)
    relay()
    assert told() == [("booked", "skipped", "visit_cancelled"), ("cancelled", "waiting", "undo_window")]
    assert planned() == [(1, "skipped", "visit_cancelled")] * 3


def test_an_undone_cancellation_is_never_told_and_the_plan_is_made_anew(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    cancel(visit, place.staff)
    relay()
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    relay()
    assert told() == [("booked", "sent", ""), ("cancelled", "skipped", "not_cancelled")]
    assert planned(state="planned") == [(3, "planned", "")] * 3


def test_an_undone_cancellation_that_was_told_is_followed_by_a_new_booking(
    visit: Appointment, place: SmallClinic
) -> None:
    relay()
    sent("booked")
    cancel(visit, place.staff)
    relay()
    sent("cancelled")
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    relay()
    assert told() == [("booked", "sent", ""), ("cancelled", "sent", ""), ("booked", "queued", "")]


def test_a_booking_taken_back_before_it_was_told_is_told_once_it_is_undone(
    visit: Appointment, place: SmallClinic
) -> None:
    relay()
    cancel(visit, place.staff)
    relay()
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    relay()
    assert told()[-1] == ("booked", "queued", "")


def test_a_cancellation_and_its_undo_heard_in_one_turn_say_nothing(visit: Appointment, place: SmallClinic) -> None:
    relay()
    sent("booked")
    cancel(visit, place.staff)
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    relay()
    assert told() == [("booked", "sent", "")]
    assert planned(state="planned") == [(3, "planned", "")] * 3


def test_a_second_cancellation_is_told_again(visit: Appointment, place: SmallClinic) -> None:
    relay()
    cancel(visit, place.staff)
    relay()
    sent("cancelled")
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    cancel(visit, place.staff)
    relay()
    sent("cancelled")
    assert Message.objects.filter(kind="cancelled", state="sent").count() == 2


def test_messages_never_change_the_visit(visit: Appointment) -> None:
    """Complaint 14: marking a message as sent overwrote the visit's status."""
    before = Appointment.objects.values("status", "version").get(pk=visit.pk)
    relay()
    sent("booked")
    assert Appointment.objects.values("status", "version").get(pk=visit.pk) == before


def test_every_delivery_of_a_day_is_settled(visit: Appointment, place: SmallClinic) -> None:
    move(visit, place.at(11, days=12), place.staff)
    cancel(visit, place.staff)
    undo_last_step(appointment_id=visit.pk, expected=expected(visit), caller=place.staff)
    relay()
    ours = Delivery.objects.filter(handler__startswith="notifications.")
    assert set(ours.values_list("state", flat=True)) == {"done"}
    assert Why.VISIT_MOVED not in Reminder.objects.filter(state="planned").values_list("reason", flat=True)
