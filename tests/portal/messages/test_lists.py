"""What waits for somebody, and everything that was written: who sees which of it, and how it is looked through."""

import re
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, CancellationReason, Status
from notifications.models import Channel, Message, Reply, State
from notifications.rules.reasons import Why
from patients.models import ContactPoint
from tests.browser.clinic_day import ClinicDay
from tests.browser.messages_of_a_day import PHONE, Written
from tests.factories import MessageFactory
from tests.portal.people.conftest import client_of

HTMX = {"HX-Request": "true", "HX-Target": "todo"}


def text_of(answer: Any) -> str:
    """Return what a page says, without its marks."""
    assert answer.status_code == 200, answer.status_code
    return " ".join(re.sub(r"<[^>]+>", " ", answer.content.decode()).split())


def todo(client: Client, day: ClinicDay) -> str:
    return text_of(client.get(day.path("messages")))


def log(client: Client, day: ClinicDay, **query: str) -> str:
    page = client.get(day.path("message-log"), query).content.decode()
    return page.split('id="log"')[1]


def count_on_top(client: Client, day: ClinicDay) -> str:
    page = client.get(day.path("week")).content.decode()
    found = re.search(r'<span id="alerts" class="alerts"( hidden)?>(\d+\+?)', page)
    assert found
    return found[2]


def test_what_waits_is_a_list_of_replies_and_of_messages_that_reached_nobody(
    day: ClinicDay, desk: Client, written: Written
) -> None:
    page = todo(desk, day)
    for words in (
        "My bus is late",
        "Chen, Mei",
        "Every try failed",
        "cannot receive it",
        "Send again",
        "Close with a note",
    ):
        assert words in page, words
    assert "Petrova" not in page  # who got the message
    assert PHONE not in page.replace("(202) 555-0106", "")


def test_whoever_asked_by_a_mails_link_is_called_by_phone(day: ClinicDay, desk: Client, written: Written) -> None:
    address = "lena.moreau@mail.example"
    Reply.objects.filter(pk=written.replies["call"].pk).update(channel="email", sender=address, body="")
    phone = ContactPoint.objects.filter(patient=written.replies["call"].patient, system="phone").get()
    page = desk.get(day.path("messages")).content.decode()
    assert f"tel:{phone.value}" in page
    assert f"tel:{address}" not in page
    assert page.count("letter-body") == 1  # no words, no quotation


def test_the_count_on_top_is_what_waits(day: ClinicDay, desk: Client, written: Written) -> None:
    assert count_on_top(desk, day) == "4"


def test_nothing_to_do_is_said(day: ClinicDay, desk: Client) -> None:
    assert "Nothing to do" in todo(desk, day)
    assert count_on_top(desk, day) == "0"


def test_a_message_that_another_made_good_waits_for_nobody(day: ClinicDay, desk: Client, written: Written) -> None:
    failed = written.messages["undelivered"]
    MessageFactory.create(
        visit=failed.visit, channel=Channel.EMAIL, state=State.WAITING, reason=Why.RETRY, instead_of=failed
    )
    assert count_on_top(desk, day) == "3"
    MessageFactory.create(
        visit=day.visits["booked"],
        channel=Channel.EMAIL,
        state=State.DELIVERED,
        sent_at=day.at(0),
        delivered_at=day.at(0),
    )
    assert count_on_top(desk, day) == "2"


def test_a_message_about_a_visit_that_was_moved_or_cancelled_waits_for_nobody(
    day: ClinicDay, desk: Client, written: Written
) -> None:
    Appointment.objects.filter(pk=day.visits["booked"].pk).update(
        status=Status.CANCELLED, ended_at=day.at(0), cancellation_reason=CancellationReason.CLINIC_ERROR
    )
    assert count_on_top(desk, day) == "3"


def test_the_list_is_fetched_again_when_something_comes_or_goes(day: ClinicDay, desk: Client, written: Written) -> None:
    page = desk.get(day.path("messages")).content.decode()
    version = re.search(r'data-version="([^"]+)"', page)
    assert version
    tag = f'"{version[1]}"'
    pulse = desk.get(day.path("messages-pulse"), headers={"If-None-Match": tag})
    assert pulse.status_code in {200, 304}
    assert desk.get(day.path("messages-pulse"), headers={"If-None-Match": pulse["ETag"]}).status_code in {304, 200}
    Message.objects.filter(pk=written.messages["dead"].pk).update(state=State.DISCARDED)
    assert desk.get(day.path("messages-pulse"), headers={"If-None-Match": pulse["ETag"]}).status_code == 200
    fragment = desk.get(day.path("messages"), headers=HTMX | {"X-Background": "1"}).content.decode()
    assert fragment.lstrip().startswith('<div id="todo"')
    assert 'id="alerts"' in fragment
    assert "hx-swap-oob" in fragment


def test_a_provider_sees_what_is_about_the_own_calendar(day: ClinicDay, doctor: Client, written: Written) -> None:
    page = todo(doctor, day)
    assert "Chen, Mei" in page  # in the doctor's calendar
    assert "Featherstonehaugh" not in page  # in another's
    assert "Send again" not in page
    everything = log(doctor, day)
    assert "Chen" in everything
    assert "Petrova" not in everything
    for one, status in (("dead", 200), ("delivered", 404)):
        assert doctor.get(day.path("message", message=written.messages[one].pk)).status_code == status


def test_the_log_shows_address_and_outcome_but_no_words(day: ClinicDay, desk: Client, written: Written) -> None:
    page = log(desk, day)
    for words in (
        "•••• 0106",
        "l•••@mail.example",
        "recorded by the sandbox",
        "given up",
        "waits",
        "the visit was cancelled",
    ):
        assert words in page, words
    assert PHONE not in page


def test_the_log_is_filtered(day: ClinicDay, desk: Client, written: Written) -> None:
    for query, there, gone in (
        ({"state": "failed"}, "Chen", "Petrova"),
        ({"state": "sent"}, "Petrova", "Chen"),
        ({"channel": "email"}, "l•••@mail.example", "•••• 0106"),
        ({"patient": str(day.patients["olga"].pk)}, "Petrova", "Chen"),
        ({"date": "2001-01-01"}, "No message fits", "Petrova"),
        ({"kind": "booked"}, "No message fits", "Petrova"),
        ({"state": "nonsense", "channel": "pigeon", "date": "x", "cursor": "y"}, "Petrova", "No message"),
    ):
        page = log(desk, day, **query)
        assert there in page, query
        assert gone not in page.split("</form>")[1], query


def test_a_long_log_has_pages(day: ClinicDay, desk: Client) -> None:
    visit = day.visits["tomorrow"]
    for version in range(60):
        MessageFactory.create(visit=visit, visit_version=version + 1)
    first = log(desk, day)
    assert first.count("<tr>") == 51  # with the head
    older = re.search(r'rel="next" href="[^"]*cursor=([^"]+)"', first)
    assert older
    second = log(desk, day, cursor=older[1])
    assert second.count("<tr>") == 11
    assert 'rel="prev"' in second


def test_an_empty_log_says_how_it_fills(day: ClinicDay, desk: Client) -> None:
    assert "No message yet" in log(desk, day)


def test_lists_take_few_statements_however_long_they_are(day: ClinicDay, desk: Client, written: Written) -> None:
    for name, most in (("messages", 8), ("message-log", 6)):
        desk.get(day.path(name))
        with CaptureQueriesContext(connection) as asked:
            desk.get(day.path(name))
        assert len(asked) <= most, [one["sql"][:120] for one in asked.captured_queries]


def test_another_clinics_patient_is_nobody_to_the_log(day: ClinicDay, desk: Client) -> None:
    stranger = MessageFactory.create()
    assert desk.get(day.path("message-log"), {"patient": str(stranger.patient_id)}).status_code == 404
    for name in ("message", "message-discard"):
        assert desk.get(day.path(name, message=stranger.pk)).status_code == 404
    other = client_of(day.other_desk)
    assert "Nothing to do" in todo(other, day)
