"""A number with its place in line, a provider who runs late, and a clinic's own words to many."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from appointments.events import BatchNoteAsked, ProviderRunsLate, TicketGiven
from appointments.models import Appointment, BatchItem
from notifications.handlers import write_late, write_note, write_place
from notifications.models import Message, MessagePolicy
from notifications.services.noting import may_be_written, note_findings
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.notifications.asked import noted, numbered, told_fact

from .sending.conftest import Services, services, sms

__all__ = ["services", "sms"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_day(place: SmallClinic) -> None:
    MessagePolicy.objects.create(clinic=place.clinic, quiet_from=dt.time(8), quiet_until=dt.time(8))


def _come(visit: Appointment) -> None:
    Appointment.objects.filter(pk=visit.pk).update(status="arrived", arrived_at=timezone.now())


def _item(place: SmallClinic, visit: Appointment, words: str = "please bring your card", **columns: Any) -> BatchItem:
    words_of: dict[str, Any] = {"version": visit.version, "place": 1} | columns
    return BatchItem.objects.create(batch=noted(place, words), appointment=visit, **words_of)


def test_a_number_comes_with_the_link_to_the_place_in_line(visit: Appointment, services: Services) -> None:
    ticket = numbered(visit, 37)
    _come(visit)
    write_place(told_fact(TicketGiven(ticket.pk)))
    services.send()
    message = Message.objects.get()
    assert (message.kind, message.state) == ("place", "sent")
    assert "your number is 37" in message.body
    assert "/a/" in message.body


def test_whoever_was_called_meanwhile_is_not_told_of_a_line(visit: Appointment, services: Services) -> None:
    ticket = numbered(visit)
    _come(visit)
    write_place(told_fact(TicketGiven(ticket.pk)))
    Appointment.objects.filter(pk=visit.pk).update(status="roomed")
    services.send()
    assert Message.objects.get().reason == "not_in_line"


def test_a_delay_is_told_once_with_its_minutes(visit: Appointment, services: Services) -> None:
    for minutes in (25, 40):
        write_late(told_fact(ProviderRunsLate(visit.pk, minutes)))
    services.send()
    message = Message.objects.get()
    assert (message.kind, message.state) == ("late", "sent")
    assert "about 25 min later" in message.body
    assert message.expires_at == visit.starts_at + dt.timedelta(minutes=25)


def test_nobody_is_told_of_a_delay_who_is_called_already(visit: Appointment, services: Services) -> None:
    write_late(told_fact(ProviderRunsLate(visit.pk, 25)))
    _come(visit)
    Appointment.objects.filter(pk=visit.pk).update(status="roomed")
    services.send()
    assert Message.objects.get().reason == "visit_over"


def test_a_note_is_framed_by_who_writes_and_how_to_stop(
    place: SmallClinic, visit: Appointment, services: Services
) -> None:
    item = _item(place, visit)
    for _ in range(2):
        write_note(told_fact(BatchNoteAsked(item.pk)))
    services.send()
    message = Message.objects.get()
    assert message.body == f"{place.clinic.name}: please bring your card STOP to end"
    item.refresh_from_db()
    assert (item.state, message.batch_id) == ("done", item.batch_id)


def test_two_notes_about_one_visit_are_two_messages(place: SmallClinic, visit: Appointment) -> None:
    for words in ("please bring your card", "please use the back door"):
        write_note(told_fact(BatchNoteAsked(_item(place, visit, words).pk)))
    assert Message.objects.count() == 2


@pytest.mark.parametrize(
    ("words", "columns", "refusal"),
    [
        ("please bring your card", {"version": 99}, "visit-changed"),
        ("your diabetes check is near", {}, "words-refused"),
        ("see https://elsewhere.example", {}, "words-refused"),
        ("reply YES", {}, "words-refused"),
    ],
)
def test_a_note_that_must_not_be_sent_is_refused_with_the_reason(
    place: SmallClinic, visit: Appointment, words: str, columns: dict[str, Any], refusal: str
) -> None:
    item = _item(place, visit, words, **columns)
    write_note(told_fact(BatchNoteAsked(item.pk)))
    item.refresh_from_db()
    assert (item.state, item.refusal) == ("refused", refusal)
    assert not Message.objects.exists()


def test_a_note_to_somebody_without_an_address_is_refused(place: SmallClinic, lena: Patient, book: Any) -> None:
    item = _item(place, book(patient=1))
    write_note(told_fact(BatchNoteAsked(item.pk)))
    item.refresh_from_db()
    assert (item.state, item.refusal) == ("refused", "no-address")


def test_a_stopped_item_is_not_written_about(place: SmallClinic, visit: Appointment) -> None:
    item = _item(place, visit, state="stopped")
    write_note(told_fact(BatchNoteAsked(item.pk)))
    assert not Message.objects.exists()


def test_braces_in_a_note_mean_nothing(place: SmallClinic) -> None:
    assert may_be_written(place.clinic.pk, "we are open {always} [really]")
    assert [finding.code for finding in note_findings(place.clinic.pk, " ")] == ["empty"]
