"""The addresses that services call: forged, old, altered, repeated or broken calls change nothing and break nothing."""

import json
import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIRequest
from django.http import QueryDict
from django.test import Client, RequestFactory
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from appointments.models import Appointment, Status
from mediconnect.development.stack import ROOT
from mediconnect.errors import DomainError
from notifications.api import signatures, webhooks
from notifications.models import Message, MessageEvent, Reply, State
from tests.http import code
from tests.notifications.conftest import PHONE
from tests.notifications.heard import mailed, told
from tests.notifications.signing import FORM, PUBLIC, TOKEN, Account, from_twilio, twilio_signature

INBOUND, STATUS, EVENTS = "/webhooks/twilio/inbound/", "/webhooks/twilio/status/", "/webhooks/sendgrid/events/"
NOBODYS = "0198c1a0-0000-7000-8000-00000000000f"
SPECS = Path(os.environ.get("MEDICONNECT_SPECS") or ROOT.parent / "shared" / "specs")


def vectors(name: str) -> list[Any]:
    """Return the vendors' own test cases; what is not there is told by the test that needs it."""
    path = SPECS / "vectors" / name
    if path.exists():
        found: list[Any] = json.loads(path.read_text())["vectors"]
        return [pytest.param(vector, id=vector["name"]) for vector in found]
    if os.environ.get("MEDICONNECT_SPECS_REQUIRED"):
        pytest.fail(f"The vectors are not there: {path}. Set MEDICONNECT_SPECS to their folder.", pytrace=False)
    return []


@pytest.fixture(autouse=True)
def _configured(settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = TOKEN
    settings.PUBLIC_URL = PUBLIC


@pytest.fixture(scope="module")
def account(tmp_path_factory: pytest.TempPathFactory) -> Account:
    return Account.made_in(tmp_path_factory.mktemp("sendgrid"))


@pytest.fixture
def sendgrid(account: Account, settings: Any) -> Account:
    settings.SENDGRID_WEBHOOK_PUBLIC_KEY = account.public_key
    return account


def text(**changes: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "AccountSid": "AC1", "From": PHONE, "To": "+12025550100", "Body": "1"} | changes


def status(message: Message, word: str, **changes: str) -> dict[str, str]:
    return {"MessageSid": message.provider_id, "MessageStatus": word, "To": PHONE} | changes


def event(message: Message, name: str, **changes: Any) -> dict[str, Any]:
    words = {"event": name, "message_id": str(message.pk), "sg_message_id": f"{message.provider_id}.recvd-1-2.0"}
    return words | {"sg_event_id": uuid.uuid4().hex, "email": "lena.moreau@mail.example", "timestamp": 1} | changes


def raised(check: Any, *arguments: Any) -> str:
    try:
        check(*arguments)
    except DomainError as error:
        return error.code
    return ""


@pytest.mark.parametrize("vector", vectors("twilio_signature.json"))
def test_twilios_own_cases(vector: dict[str, Any], settings: Any) -> None:
    address = vector["url"]
    origin, path = address[: address.index("/", 8)], address[address.index("/", 8) :]
    settings.TWILIO_AUTH_TOKEN, settings.PUBLIC_URL = vector["auth_token"], origin
    form = QueryDict(mutable=True)
    for name, values in vector.get("params", {}).items():
        form.setlist(name, values)
    request = RequestFactory().post(path, headers={"X-Twilio-Signature": vector["x_twilio_signature"]})
    expected = vector["valid"] and "body" not in vector  # neither of our addresses is sent JSON
    assert raised(signatures.check_twilio, request, form) == ("" if expected else "not-permitted")


@pytest.mark.parametrize("vector", vectors("sendgrid_event_webhook.json"))
def test_sendgrids_own_cases(vector: dict[str, Any], settings: Any, time_machine: Any) -> None:
    time_machine.move_to("2020-09-14T19:41:52Z")  # ten seconds after the cases were signed
    settings.SENDGRID_WEBHOOK_PUBLIC_KEY = vector["public_key"]
    request = _mail_request(vector["payload"].encode(), vector["signature"], vector["timestamp"])
    assert raised(signatures.check_sendgrid, request) == ("" if vector["valid"] else "not-permitted")


def _mail_request(body: bytes, signature: str, timestamp: str) -> WSGIRequest:
    headers = {
        "X-Twilio-Email-Event-Webhook-Signature": signature,
        "X-Twilio-Email-Event-Webhook-Timestamp": timestamp,
    }
    return RequestFactory().post(EVENTS, body, content_type="application/json", headers=headers)


@pytest.mark.django_db
def test_a_text_confirms_the_visit_and_twilio_is_told_to_say_nothing(visit: Appointment) -> None:
    told(visit)
    answer = from_twilio(INBOUND, text())
    visit.refresh_from_db()
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/xml; charset=utf-8")
    assert answer.content.endswith(b"<Response/>")
    assert visit.status == Status.CONFIRMED
    assert "Set-Cookie" not in answer.headers


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("public", "seen_as"),
    [
        ("https://visits.clinic.example", {"secure": False}),
        ("https://visits.clinic.example", {"secure": True}),
        ("https://visits.clinic.example:443", {"secure": False}),
        (
            "https://visits.clinic.example",
            {"headers": {"X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.example"}},
        ),
    ],
)
def test_what_is_signed_is_the_public_address_whatever_the_proxy_left(
    public: str, seen_as: dict[str, Any], visit: Appointment
) -> None:
    assert from_twilio(INBOUND, text(), public=public, **seen_as).status_code == 200


@pytest.mark.django_db
@pytest.mark.parametrize(
    "wrong",
    [
        {"public": "http://visits.clinic.example"},
        {"public": "https://evil.example"},
        {"token": "another-token"},
        {"headers": {"X-Twilio-Signature": ""}},
        {"headers": {"X-Twilio-Signature": "not base64!"}},
        {"headers": {"X-Twilio-Signature": "Zm9vYmFy"}},
        {"headers": {"X-Twilio-Signature": "\xff" * 28}},
    ],
)
def test_a_forged_text_changes_nothing(visit: Appointment, wrong: dict[str, Any]) -> None:
    told(visit)
    answer = from_twilio(INBOUND, text(), **wrong)
    assert (answer.status_code, code(answer)) == (403, "not-permitted")
    assert TOKEN not in answer.content.decode()
    assert not Reply.objects.exists()


@pytest.mark.django_db
def test_an_altered_text_changes_nothing(visit: Appointment) -> None:
    signature = twilio_signature(PUBLIC + INBOUND, text())
    altered = from_twilio(INBOUND, text(Body="STOP"), headers={"X-Twilio-Signature": signature})
    assert altered.status_code == 403
    elsewhere = from_twilio(STATUS, text(), headers={"X-Twilio-Signature": signature})
    assert elsewhere.status_code == 403
    assert from_twilio(f"{INBOUND}?bodySHA256={'0' * 64}", text()).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("path", [INBOUND, STATUS])
def test_without_a_token_nobody_is_believed(path: str, settings: Any) -> None:
    settings.TWILIO_AUTH_TOKEN = ""
    assert from_twilio(path, text(), token="").status_code == 404


@pytest.mark.django_db
def test_a_text_told_again_acts_once(visit: Appointment) -> None:
    told(visit)
    assert {from_twilio(INBOUND, text(Body="2")).status_code for _ in range(3)} == {200}
    assert Reply.objects.count() == 1


@pytest.mark.django_db
def test_a_status_is_written_down_once(visit: Appointment) -> None:
    message = told(visit)
    for _ in range(2):
        assert from_twilio(f"{STATUS}?message={message.pk}", status(message, "delivered")).status_code == 204
    message.refresh_from_db()
    assert message.state == State.DELIVERED
    assert MessageEvent.objects.filter(message=message).count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["", "?message=", "?message=x", f"?message={NOBODYS}", "?message=%00", "?other=1"])
def test_a_status_of_nothing_we_know_is_taken_and_forgotten(visit: Appointment, query: str) -> None:
    message = told(visit)
    stranger = {"MessageSid": "SMstranger", "MessageStatus": "delivered"}
    assert from_twilio(STATUS + query, stranger).status_code == 204
    assert from_twilio(STATUS + query, status(message, "teleported")).status_code == 204
    message.refresh_from_db()
    assert message.state == State.SENT


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "form"),
    [
        (INBOUND, {"Body": "1"}),
        (INBOUND, text(MessageSid="")),
        (INBOUND, text(MessageSid="S" * 65)),
        (INBOUND, text(From="")),
        (INBOUND, text(From="\x00")),
        (STATUS, {"MessageSid": "SM1"}),
        (STATUS, {"MessageStatus": "sent"}),
        (STATUS, {"Other": "1"}),
    ],
)
def test_a_form_that_lacks_something_is_refused(path: str, form: dict[str, str]) -> None:
    assert from_twilio(path, form).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content_type", ["application/json", "text/plain", "multipart/form-data; boundary=x", f"{FORM}; charset=utf-16", ""]
)
def test_a_form_in_another_shape_is_refused(content_type: str) -> None:
    for path in (INBOUND, STATUS):
        assert Client().post(path, b"{}", content_type=content_type).status_code == 415


@pytest.mark.django_db
@pytest.mark.parametrize("path", [INBOUND, STATUS, EVENTS])
def test_only_posts_are_taken_and_bodies_have_a_limit(path: str, sendgrid: Account) -> None:
    for method in ("GET", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
        answer = Client().generic(method, path)
        assert (answer.status_code, answer["Allow"]) == (405, "POST")
    content_type = "application/json" if path == EVENTS else FORM
    now = str(int(timezone.now().timestamp()))
    headers = {"X-Twilio-Email-Event-Webhook-Signature": "Zm8=", "X-Twilio-Email-Event-Webhook-Timestamp": now}
    large = Client().post(path, b"a=" + b"b" * 2_000_000, content_type=content_type, headers=headers)
    assert (large.status_code, code(large)) == (413, "body-too-large")
    many = Client().post(path, b"&".join(b"a=1" for _ in range(2_000)), content_type=content_type, headers=headers)
    assert many.status_code in (400, 403)


@pytest.mark.django_db
def test_bytes_that_are_no_text_are_refused(sendgrid: Account) -> None:
    assert Client().post(INBOUND, b"Body=\xff\xfe&MessageSid=%ff", content_type=FORM).status_code == 403
    assert sendgrid.tells(b"\xff\xfe[]").status_code == 403


@pytest.mark.django_db
def test_events_are_noted_each_once(visit: Appointment, sendgrid: Account) -> None:
    one, two = mailed(visit), mailed(visit, kind="moved")
    body = json.dumps([event(one, "processed"), event(one, "delivered"), event(two, "deferred")]).encode() + b"\r\n"
    assert {sendgrid.tells(body).status_code for _ in range(2)} == {204}
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.state, two.state, two.provider_status) == (State.DELIVERED, State.SENT, "deferred")
    assert MessageEvent.objects.count() == 3


@pytest.mark.django_db
@pytest.mark.parametrize(("age", "answer"), [(0, 204), (295, 204), (-295, 204), (310, 403), (-310, 403), (86_400, 403)])
def test_what_was_signed_long_ago_or_will_be_is_refused(sendgrid: Account, age: int, answer: int) -> None:
    assert sendgrid.tells(b"[]", at=int(timezone.now().timestamp()) - age).status_code == answer


@pytest.mark.django_db
@pytest.mark.parametrize("timestamp", ["", "x", "-1", "1e9", "٣", "9" * 400, "0x10", " 1"])
def test_a_timestamp_that_is_none_is_refused(sendgrid: Account, timestamp: str) -> None:
    headers = {"X-Twilio-Email-Event-Webhook-Timestamp": timestamp.encode().decode("latin-1")}
    assert sendgrid.tells(b"[]", headers=headers).status_code == 403


@pytest.mark.django_db
@pytest.mark.parametrize("signature", ["", "=", "not base64!", "Zm9vYmFy", "\xff\xff", "A" * 10_000])
def test_a_signature_that_is_none_is_refused(sendgrid: Account, signature: str) -> None:
    assert sendgrid.tells(b"[]", headers={"X-Twilio-Email-Event-Webhook-Signature": signature}).status_code == 403


@pytest.mark.django_db
def test_a_body_is_signed_to_its_last_byte(visit: Appointment, sendgrid: Account) -> None:
    message = mailed(visit)
    body = json.dumps([event(message, "bounce")]).encode() + b"\r\n"
    headers = sendgrid.headers(body)
    for altered in (body.strip(), body + b" ", body.replace(b"bounce", b"Bounce")):
        answer = Client().post(EVENTS, altered, content_type="application/json", headers=headers)
        assert answer.status_code == 403
    message.refresh_from_db()
    assert message.state == State.SENT


@pytest.mark.django_db
@pytest.mark.parametrize(("key", "answer"), [("", 404), ("not a key", 503), ("Zm9v", 503)])
def test_without_a_key_nobody_is_believed(account: Account, settings: Any, key: str, answer: int) -> None:
    settings.SENDGRID_WEBHOOK_PUBLIC_KEY = key
    refused = account.tells(b"[]")
    assert refused.status_code == answer
    assert ("Retry-After" in refused.headers) == (answer == 503)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "body", [b" ", b"{}", b"null", b"1", b'"x"', b"[1]", b"[[]]", b"[{", b"[" * 100_000, b"[" + b"9" * 5_000 + b"]"]
)
def test_a_body_that_is_no_list_of_events_is_refused(sendgrid: Account, body: bytes) -> None:
    assert sendgrid.tells(body).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "changes",
    [
        {"event": None},
        {"event": ["bounce"]},
        {"sg_event_id": None},
        {"sg_event_id": 7},
        {"message_id": None},
        {"message_id": "x"},
        {"message_id": ["x"]},
        {"message_id": NOBODYS},
        {"event": "open"},
    ],
)
def test_an_event_that_lacks_something_stops_no_other(
    visit: Appointment, sendgrid: Account, changes: dict[str, Any]
) -> None:
    message = mailed(visit)
    odd = event(message, "bounce") | changes
    assert sendgrid.tells(json.dumps([odd, event(message, "delivered")]).encode()).status_code == 204
    message.refresh_from_db()
    assert message.state == State.DELIVERED


@pytest.mark.django_db
def test_texts_that_no_database_takes_are_cleaned(visit: Appointment, sendgrid: Account) -> None:
    message = mailed(visit)
    body = json.dumps([event(message, "bounce", sg_event_id="a\x00b\ud800c", reason="\x00", sg_message_id="\ud800.x")])
    assert sendgrid.tells(body.encode()).status_code == 204
    assert MessageEvent.objects.get(message=message, what="undelivered").source_id == "sendgrid:abc"
    assert from_twilio(INBOUND, text(Body="a\x00b", MessageSid="SM\x002")).status_code == 200
    assert Reply.objects.get().provider_id == "SM2"


@pytest.fixture
def _unsigned(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(webhooks, "check_sendgrid", lambda _request: None)
        patch.setattr(webhooks, "check_twilio", lambda _request, _form: None)
        yield


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=10,
)
_FIELDS = st.sampled_from(
    ["event", "type", "reason", "sg_event_id", "sg_message_id", "message_id", "email", "timestamp"]
)


@pytest.mark.django_db
@pytest.mark.usefixtures("_unsigned")
@given(events=st.lists(st.dictionaries(_FIELDS, _JSON, max_size=8), max_size=3) | _JSON)
def test_no_events_whatever_break_the_parser(events: Any) -> None:
    body = json.dumps(events).encode()
    assert Client().post(EVENTS, body, content_type="application/json").status_code in (204, 400)


@pytest.mark.django_db
@pytest.mark.usefixtures("_unsigned")
@given(body=st.binary(min_size=1, max_size=300))
def test_no_bytes_whatever_break_the_parsers(body: bytes) -> None:
    assert Client().post(EVENTS, body, content_type="application/json").status_code in (204, 400)
    for path in (INBOUND, STATUS):
        assert Client().post(path, body, content_type=FORM).status_code in (200, 204, 400)


_TEXT = st.dictionaries(
    st.sampled_from(["MessageSid", "From", "Body", "OptOutType", "MessageStatus", "ErrorCode", "NumMedia"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    min_size=1,
)


@pytest.mark.django_db
@pytest.mark.usefixtures("_unsigned")
@given(form=_TEXT)
def test_no_form_whatever_breaks_the_parsers(form: dict[str, str]) -> None:
    for path in (INBOUND, STATUS):
        assert from_twilio(path, form).status_code in (200, 204, 400)
