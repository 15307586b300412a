"""What the channels make of errors, and that they repeat nobody's number, address or words in doing so."""

import datetime as dt
import json
import logging
import socket
import traceback
import uuid
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.utils import format_datetime
from functools import partial
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from mediconnect.resilience.outside import Garbled, OutsideError, Refused, Throttled
from notifications.channels import (
    Accepted,
    Channel,
    Letter,
    OptedOut,
    Undeliverable,
    Unknowable,
    channel_for,
    is_real,
    names_of,
)
from notifications.channels.sendgrid import SendGrid
from notifications.channels.twilio import Twilio
from tests.counterparts import faults
from tests.counterparts.faults import answering, going_wrong
from tests.notifications.channels.conftest import ADDRESS, BODY, NUMBER, Door

Keys = Callable[[str], None]
CANARIES = (NUMBER, NUMBER[1:], ADDRESS, "anary", "Marlowe", "127.0.0.1")


def _same(door: Door) -> Door:
    return door


def told(status: int, body: object, **headers: str) -> faults.Behaviour:
    return answering(status, json.dumps(body).encode(), **headers)


def twilio_error(code: object) -> dict[str, object]:
    return {"code": code, "message": f"The 'To' number {NUMBER} is not valid: {BODY}", "status": 400}


def message(body: str, made: dt.datetime, sid: str = "SM" + "1" * 32) -> dict[str, object]:
    return {"sid": sid, "status": "sent", "body": body, "date_created": format_datetime(made), "num_segments": "2"}


@pytest.fixture
def texting(keys: Keys) -> Iterator[Callable[[faults.Behaviour], Twilio]]:
    """Return what makes a channel whose service behaves like this."""
    yield from _beside(keys, lambda: Twilio(door=lambda: Door("twilio")))


@pytest.fixture
def mailing(keys: Keys) -> Iterator[Callable[[faults.Behaviour], SendGrid]]:
    yield from _beside(keys, lambda: SendGrid(door=lambda: Door("sendgrid")))


def _beside(keys: Keys, make: Callable[[], Any]) -> Iterator[Callable[[faults.Behaviour], Any]]:
    servers = []

    def behaving(behaviour: faults.Behaviour) -> Any:
        server = faults.FaultServer(behaviour)
        servers.append(server)
        keys(server.url())
        return make()

    yield behaving
    for server in servers:
        server.close()


@pytest.mark.parametrize(
    ("status", "number", "kind", "code"),
    [
        (400, 21610, OptedOut, "twilio-21610"),
        (400, 21211, Undeliverable, "twilio-21211"),
        (400, 21614, Undeliverable, "twilio-21614"),
        (400, 21612, Undeliverable, "twilio-21612"),
        (400, 21408, Undeliverable, "twilio-21408"),
        (400, 30003, Undeliverable, "twilio-30003"),
        (400, 30005, Undeliverable, "twilio-30005"),
        (400, 30006, Undeliverable, "twilio-30006"),
        (400, 21611, Throttled, "twilio-21611"),
        (401, 20003, Refused, "twilio-20003"),
        (403, 20403, Refused, "twilio-20403"),
        (400, 21606, Refused, "twilio-21606"),
        (404, None, Refused, "http-404"),
        (400, NUMBER, Refused, "http-400"),
        (429, 20429, Throttled, "http-429"),
    ],
)
def test_a_number_of_twilio_s_means_one_thing(
    texting: Callable[[faults.Behaviour], Twilio],
    text: Letter,
    status: int,
    number: object,
    kind: type[Undeliverable],
    code: str,
) -> None:
    with pytest.raises(kind) as ended:
        texting(told(status, twilio_error(number))).send(text)
    assert (type(ended.value), ended.value.code) == (kind, code)


@pytest.mark.parametrize(
    "answer",
    [
        b"<html>it works</html>",
        b"[]",
        b"{}",
        b'{"sid": 7}',
        b'{"sid": ""}',
        b'{"sid": "SM1", "status": 3}',
        b"\xff\xfe",
        '{"sid": "SM1"}'.encode("utf-16"),
        b"[" * 200_000,
    ],
)
def test_an_answer_that_is_no_message_leaves_in_doubt(
    texting: Callable[[faults.Behaviour], Twilio], text: Letter, answer: bytes
) -> None:
    with pytest.raises(Garbled) as ended:
        texting(answering(201, answer)).send(text)
    assert ended.value.ambiguous


def test_the_look_up_finds_the_very_words_within_the_window(
    texting: Callable[[faults.Behaviour], Twilio], text: Letter
) -> None:
    now = timezone.now()
    mine = "SM" + "2" * 32
    newest_first = [message("Something else", now), message(BODY, now - dt.timedelta(minutes=1), mine)]
    found = texting(told(200, {"messages": newest_first})).look_up(text, since=now - dt.timedelta(minutes=2))
    assert found == Accepted(mine, "sent", 2)


def test_the_look_up_knows_words_after_a_trial_account_s_sentence(
    texting: Callable[[faults.Behaviour], Twilio], text: Letter
) -> None:
    now = timezone.now()
    of_a_trial = [message(f"Sent from your Twilio trial account - {BODY}", now)]
    assert isinstance(texting(told(200, {"messages": of_a_trial})).look_up(text, since=now), Accepted)


def test_the_look_up_does_not_take_an_older_message_for_this_one(
    texting: Callable[[faults.Behaviour], Twilio], text: Letter
) -> None:
    now = timezone.now()
    yesterday_s = [message(BODY, now - dt.timedelta(days=1))]
    assert texting(told(200, {"messages": yesterday_s})).look_up(text, since=now - dt.timedelta(minutes=2)) is None


def test_the_look_up_ends_and_says_that_it_does_not_know(
    texting: Callable[[faults.Behaviour], Twilio], text: Letter
) -> None:
    now = timezone.now()
    page = {
        "messages": [message(f"Number {number}", now) for number in range(50)],
        "next_page_uri": "/2010-04-01/Accounts/AC/Messages.json?PageToken=1",
    }
    assert isinstance(texting(told(200, page)).look_up(text, since=now - dt.timedelta(minutes=2)), Unknowable)


def test_a_callback_is_asked_for_only_where_it_comes_sealed(text: Letter, keys: Keys, settings: Settings) -> None:
    heard: list[bytes] = []

    def listen(connection: socket.socket) -> None:
        heard.append(faults.read_request(connection))

    for public, beside in (("http://clinic.test", False), ("http://clinic.test", True)):
        with going_wrong(listen) as server:
            keys(server.url())
            settings.PUBLIC_URL = public
            door = Door("twilio")
            service = Twilio(door=partial(_same, door))
            if not beside:
                settings.TWILIO_API_URL = "https://127.0.0.1:1"
            with pytest.raises(OutsideError):
                service.send(text)
            assert (b"StatusCallback" in door.asked[0]["body"]) is beside


@pytest.mark.parametrize("field", ["personalizations.0.to.0.email", "from.email"])
def test_a_bad_address_is_the_recipient_s_and_a_bad_sender_is_ours(
    mailing: Callable[[faults.Behaviour], SendGrid], letter: Letter, field: str
) -> None:
    error = {"errors": [{"message": f"{ADDRESS} is not a valid address", "field": field, "help": None}]}
    kind, code = (Undeliverable, "sendgrid-bad-address") if field.startswith("p") else (Refused, "sendgrid-400")
    with pytest.raises(kind, match=code):
        mailing(told(400, error)).send(letter)


def test_a_mail_is_known_by_the_service_s_id(mailing: Callable[[faults.Behaviour], SendGrid], letter: Letter) -> None:
    assert mailing(answering(202, b"", X_Message_Id="abc-1")).send(letter) == Accepted("abc-1", "accepted")


@pytest.mark.parametrize(
    "behaviour",
    [
        faults.hang_up,
        faults.reset,
        faults.cut_short,
        faults.no_http,
        answering(200, b"<html>"),
        told(400, twilio_error(21211)),
        told(400, {"errors": [{"message": ADDRESS, "field": "personalizations.0.to.0.email"}]}),
        told(401, twilio_error(20003)),
        told(422, {"detail": BODY}),
        told(429, twilio_error(20429)),
        told(500, twilio_error(20500)),
    ],
)
def test_nobody_is_named_by_any_fault(
    texting: Callable[[faults.Behaviour], Twilio],
    mailing: Callable[[faults.Behaviour], SendGrid],
    text: Letter,
    letter: Letter,
    behaviour: faults.Behaviour,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for make, to_send in ((texting, text), (mailing, letter)):
        channel: Channel = make(behaviour)
        with pytest.raises((OutsideError, Undeliverable, OptedOut)) as ended:
            channel.send(to_send)
        error = ended.value
        # A traceback shows lines of source, where a canary of these tests may stand; frames of ours end at the call.
        shown = "".join(traceback.format_exception_only(error)) + repr(error) + repr(error.__cause__)
        assert error.__suppress_context__ or error.__context__ is None
        assert [canary for canary in CANARIES if canary in shown + caplog.text] == []


def test_nobody_is_named_when_all_goes_well(
    texting: Callable[[faults.Behaviour], Twilio],
    mailing: Callable[[faults.Behaviour], SendGrid],
    text: Letter,
    letter: Letter,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    texting(told(201, {"sid": "SM1", "body": BODY, "to": NUMBER})).send(text)
    mailing(answering(202, b"")).send(letter)
    assert [canary for canary in CANARIES if canary in caplog.text + repr((text, letter))] == []


def test_without_keys_the_sandbox_takes_everything(
    text: Letter, letter: Letter, keys: Keys, settings: Settings
) -> None:
    assert names_of() == {"sms": "twilio", "email": "sendgrid"}
    settings.TWILIO_AUTH_TOKEN = settings.SENDGRID_API_KEY = ""
    assert names_of() == {"sms": "sandbox", "email": "sandbox"}
    assert not is_real("sms")
    for name, to_send in (("sms", text), ("email", letter)):
        channel = channel_for(name)
        taken = channel.send(replace(to_send, message_id=uuid.uuid4()))
        assert taken.provider_id.startswith("sandbox-")
        assert channel.look_up(to_send, since=timezone.now()) == channel.send(to_send)


def test_there_is_no_third_channel() -> None:
    with pytest.raises(KeyError):
        channel_for("pigeon")
