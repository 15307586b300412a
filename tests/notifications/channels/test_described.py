"""The official clients, through our gateway, against servers that follow the vendors' own descriptions of their APIs."""

import base64
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from pytest_django import Settings

from mediconnect.resilience.outside import Refused, Throttled, Unavailable
from notifications.channels import Letter, Unknowable
from notifications.channels.sendgrid import SendGrid
from notifications.channels.twilio import Twilio
from tests.counterparts.prism import described_by
from tests.notifications.channels.conftest import ADDRESS, BODY, NUMBER, Door

Keys = Callable[[str], None]


@pytest.fixture(scope="module")
def twilio_described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with described_by("twilio_api_v2010.messages.json", tmp_path_factory.mktemp("twilio")) as url:
        yield url


@pytest.fixture(scope="module")
def sendgrid_described(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with described_by("tsg_mail_v3.json", tmp_path_factory.mktemp("sendgrid")) as url:
        yield url


@pytest.fixture
def by_text(twilio_described: str, keys: Keys) -> Door:
    keys(twilio_described)
    return Door("twilio")


@pytest.fixture
def by_mail(sendgrid_described: str, keys: Keys) -> Door:
    keys(sendgrid_described)
    return Door("sendgrid")


def form(door: Door) -> dict[str, list[str]]:
    return parse_qs(door.asked[0]["body"].decode())


def document(door: Door) -> dict[str, Any]:
    written: dict[str, Any] = json.loads(door.asked[0]["body"])
    return written


def test_a_text_is_taken_as_described(by_text: Door, text: Letter) -> None:
    accepted = Twilio(door=lambda: by_text).send(text)
    assert accepted.provider_id.startswith("SM")
    assert accepted.provider_status == "queued"
    assert accepted.segments == 1
    assert form(by_text) == {
        "To": [NUMBER],
        "Body": [BODY],
        "From": ["+15005550006"],
        "ValidityPeriod": ["7200"],
        "StatusCallback": [f"https://mediconnect.test/webhooks/twilio/status/?message={text.message_id}"],
    }
    assert by_text.asked[0]["request_id"] == "request-12345678"
    assert by_text.asked[0]["attempt"] == 2
    assert by_text.breaker.noted == ["succeeded"]


def test_the_messaging_service_chooses_the_number_where_there_is_one(
    by_text: Door, text: Letter, settings: Settings
) -> None:
    settings.TWILIO_MESSAGING_SERVICE = "MG" + "a" * 32
    Twilio(door=lambda: by_text).send(text)
    assert form(by_text)["MessagingServiceSid"] == ["MG" + "a" * 32]
    assert "From" not in form(by_text)


@pytest.mark.parametrize(("left", "told"), [(400_000, "36000"), (36_000, "36000"), (59, "59"), (0, "1")])
def test_a_text_is_worth_delivering_no_longer_than_the_carrier_keeps_it(
    by_text: Door, text: Letter, left: int, told: str
) -> None:
    Twilio(door=lambda: by_text).send(replace(text, valid_seconds=left))
    assert form(by_text)["ValidityPeriod"] == [told]


def test_a_request_that_breaks_the_description_is_refused(by_text: Door, text: Letter, settings: Settings) -> None:
    settings.TWILIO_MESSAGING_SERVICE = "none of theirs"  # the control: the described server does look
    with pytest.raises(Refused) as refused:
        Twilio(door=lambda: by_text).send(text)
    assert (refused.value.status, refused.value.code) == (422, "http-422")


def test_the_look_up_is_a_described_request_too(by_text: Door, text: Letter) -> None:
    found = Twilio(door=lambda: by_text).look_up(text, since=timezone.now() - dt.timedelta(minutes=5))
    assert found is None  # the example's messages have other words
    asked = urlsplit(by_text.asked[0]["url"])
    assert (by_text.asked[0]["method"], parse_qs(asked.query)) == ("GET", {"To": [NUMBER], "PageSize": ["50"]})


@pytest.mark.parametrize(("code", "kind"), [(429, Throttled), (503, Unavailable)])
def test_a_busy_service_says_when_to_come_back(by_text: Door, text: Letter, code: int, kind: type[Throttled]) -> None:
    by_text.prefer = f"code={code}"
    with pytest.raises(kind) as busy:
        Twilio(door=lambda: by_text).send(text)
    assert (busy.value.retry_after, by_text.breaker.noted) == (2, ["failed"])


def test_a_mail_is_taken_as_described(by_mail: Door, letter: Letter) -> None:
    accepted = SendGrid(door=lambda: by_mail).send(letter)
    assert accepted.provider_status == "accepted"
    written = document(by_mail)
    assert written["from"] == {"email": "desk@clinic.test"}
    assert written["personalizations"] == [
        {"to": [{"email": ADDRESS}], "custom_args": {"message_id": str(letter.message_id)}}
    ]
    assert written["subject"] == "Your visit Bcc: everybody@elsewhere.test"
    assert written["content"] == [
        {"type": "text/plain", "value": BODY},
        {"type": "text/html", "value": f"<p>{BODY}</p>"},
    ]
    assert written["categories"] == ["reminder"]
    assert written["headers"] == {
        "List-Unsubscribe": f"<{letter.unsubscribe_url}>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert written["tracking_settings"] == {
        "click_tracking": {"enable": False, "enable_text": False},
        "open_tracking": {"enable": False},
        "subscription_tracking": {"enable": False},
    }
    (file,) = written["attachments"]
    assert base64.b64decode(file["content"]) == b"BEGIN:VCALENDAR\r\n"
    assert by_mail.asked[0]["headers"]["Authorization"] == "Bearer SG.k3y-canary"
    assert by_mail.breaker.noted == ["succeeded"]


def test_a_mail_without_html_and_unsubscribing_is_taken_too(by_mail: Door, letter: Letter) -> None:
    SendGrid(door=lambda: by_mail).send(replace(letter, html="", unsubscribe_url="", attachments=()))
    assert not {"headers", "attachments"} & set(document(by_mail))


@pytest.mark.parametrize(
    ("code", "kind", "told"),
    [
        (401, Refused, "sendgrid-401"),
        (403, Refused, "sendgrid-403"),
        (413, Refused, "sendgrid-413"),
        (429, Throttled, "http-429"),
        (500, Unavailable, "http-500"),
        (503, Unavailable, "http-503"),
    ],
)
def test_what_mail_may_end_in(by_mail: Door, letter: Letter, code: int, kind: type[Refused], told: str) -> None:
    by_mail.prefer = f"code={code}"
    with pytest.raises(kind) as ended:
        SendGrid(door=lambda: by_mail).send(letter)
    assert ended.value.code == told


def test_whether_a_mail_was_taken_cannot_be_asked(letter: Letter) -> None:
    assert isinstance(SendGrid().look_up(letter, since=timezone.now()), Unknowable)
