"""Why a message was, or was not, sent: every code in words, the whole decision line by line."""

import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from django.conf import settings
from django.test import Client
from django.utils import translation

from mediconnect.portal.messages import words
from mediconnect.portal.messages.telling import SENTENCES
from notifications.models import Channel, Kind, Message, MessageEvent, Reply, State
from notifications.rules.reasons import Why
from patients.models import ContactPoint
from tests.browser.clinic_day import ClinicDay
from tests.browser.messages_of_a_day import Written
from tests.portal.messages.test_lists import text_of


def story(client: Client, day: ClinicDay, message: Message, **query: str) -> str:
    return text_of(
        client.get(day.path("message", message=message.pk), query, headers={"HX-Request": "true", "HX-Target": "panel"})
    )


def test_every_code_has_a_sentence() -> None:
    assert set(words.REASONS) == set(Why)
    assert set(words.KINDS) == set(Kind)
    assert set(words.STATES) == set(State)
    assert set(words.CHANNELS) == set(Channel)
    assert set(words.MEANINGS) == set(Reply.Meaning)
    assert set(SENTENCES) == set(MessageEvent.What)


def test_every_sentence_is_there_in_every_language() -> None:
    said = [*words.REASONS.values(), *words.KINDS.values(), *words.STATES.values(), *words.MEANINGS.values()]
    for language, _name in settings.LANGUAGES:
        if language == "en":
            continue
        with (Path(settings.LOCALE_PATHS[0]) / language / "LC_MESSAGES" / "django.po").open("rb") as file:
            catalogue = read_po(file)
        for sentence in said:
            found = catalogue.get(sentence)
            assert found is not None, (language, sentence)
            assert found.string, (language, sentence)


def test_a_delivered_message_tells_each_try(day: ClinicDay, desk: Client, written: Written) -> None:
    page = story(desk, day, written.messages["delivered"])
    parts = (
        "Written as text message.",
        "Try 1.",
        "did not answer in time (timeout-read)",
        "Try 2.",
        "Accepted by Twilio.",
        "Delivered.",
    )
    places = [page.index(part) for part in parts]
    assert places == sorted(places)
    assert re.search(r"\d:\d\d:\d\d", page)  # to the second


def test_a_message_that_waits_says_until_when_and_why(day: ClinicDay, desk: Client, written: Written) -> None:
    page = story(desk, day, written.messages["waiting"])
    assert re.search(r"Waits until [^:]*\d+:\d\d.(AM|PM): it is night where the patient is", page)


@pytest.mark.parametrize(
    ("which", "sentence"),
    [
        ("dead", "Given up: every try failed."),
        ("undelivered", "Not delivered: nobody has this number any more (30005)."),
        ("skipped", "Not sent: the visit was cancelled."),
        ("sandbox", "Recorded by the sandbox: delivered to nobody."),
    ],
)
def test_each_end_says_why(day: ClinicDay, desk: Client, written: Written, which: str, sentence: str) -> None:
    assert sentence in story(desk, day, written.messages[which])


def test_the_answer_stands_in_the_story(day: ClinicDay, desk: Client, written: Written) -> None:
    assert "Answered: wants to be called." in story(desk, day, written.messages["sandbox"])


def test_an_unknown_code_is_shown_rather_than_hidden() -> None:
    assert words.reason("brand-new") == "brand-new"
    with translation.override("es"):
        assert words.reason("twilio-30005").endswith("(twilio-30005)")


def test_a_visits_card_lists_messages_and_plans(day: ClinicDay, desk: Client, written: Written) -> None:
    card = text_of(desk.get(day.path("visit", visit=day.visits["tomorrow"].pk)))
    for part in (
        "Reminder, 3 hours before",
        "planned for",
        "Reminder, 7 days before",
        "its time had passed when the visit was booked",
    ):
        assert part in card, part
    failed = desk.get(day.path("visit", visit=day.visits["booked"].pk)).content.decode()
    assert re.search(r'id="visit-messages" open', failed)


def test_a_story_stands_over_whatever_it_was_opened_from(day: ClinicDay, desk: Client, written: Written) -> None:
    message = written.messages["dead"]
    for at, there in (
        ("visit", 'id="board"'),
        ("log", 'id="log"'),
        ("patient", 'id="record"'),
        ("", 'id="todo"'),
        ("moon", 'id="todo"'),
    ):
        page = desk.get(day.path("message", message=message.pk), {"at": at}).content.decode()
        assert there in page, at
        assert 'class="message-story"' in page, at


def test_the_record_shows_the_latest_messages(day: ClinicDay, desk: Client, written: Written) -> None:
    page = text_of(desk.get(day.path("patient", patient=day.patients["mei"].pk)))
    assert "given up" in page
    assert "every try failed" in page


def test_the_board_marks_the_visit_and_names_whom_to_call(day: ClinicDay, desk: Client, written: Written) -> None:
    page = desk.get(day.path("board")).content.decode()
    block = re.search(rf'id="v-{day.visits["booked"].pk}".*?</a>', page)
    assert block
    assert "not reached by a message" in block[0]
    other = re.search(rf'id="v-{day.visits["confirmed"].pk}".*?</a>', page)
    assert other
    assert "not reached" not in other[0]
    tasks = re.sub(r"<[^>]+>", "", page.split('id="board-tasks"')[1].split("</section>")[0])
    assert re.search(r"Call Mei Chen, .*: text message not delivered", tasks)
    assert "Done" in tasks
    phone = ContactPoint.objects.get(patient=day.patients["mei"], system="phone")
    assert f'href="tel:{phone.value}"' in page
