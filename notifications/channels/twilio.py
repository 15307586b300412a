"""Text messages by Twilio: its official client, with our gateway in the place of its transport."""

import datetime as dt
import json
import logging
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from twilio.http import HttpClient
from twilio.http.response import Response
from twilio.rest import Client

from mediconnect.resilience.gateway import Answer, Gateway, gateway
from mediconnect.resilience.outside import Refused, Throttled
from notifications.channels.port import Accepted, Letter, OptedOut, Undeliverable, Unknowable

LONGEST_VALIDITY: Final = 36_000
"""Seconds for which Twilio keeps a message at most, and by default; its description of `ValidityPeriod`."""

OPTED_OUT: Final = frozenset({21610})

# Numbers that will never take a message of ours: not a number, not a mobile, out of reach or of the regions we may write to.
UNDELIVERABLE: Final = frozenset(
    {21211, 21214, 21217, 21219, 21401, 21408, 21421, 21612, 21614, 21635, 30003, 30004, 30005, 30006}
)

# Too much at once, said with another status than 429: the account's rate, a sender's full queue.
TOO_MANY: Final = frozenset({14107, 20429, 21611, 30001})

STATUS_PATH: Final = "/webhooks/twilio/status/"

# Messages to one number that are looked through, newest first; nobody is sent as many in the hours that count. All of
# them, since Twilio orders them by when they were sent on, and one that still waits may stand anywhere.
_LOOKED_THROUGH: Final = 100
_PAGE: Final = 50
# Twilio's clock against ours, and its times are whole seconds.
_CLOCKS: Final = dt.timedelta(minutes=2)

_WORDS: Final = ("status", "body", "date_created", "num_segments")  # fields that are words where they are there


class GatewayTransport(HttpClient):  # type: ignore[misc]  # the library has no types
    """What the official client sends with. Its own keeps no deadline, and logs numbers."""

    def __init__(self, door: Gateway, *, route: str, sound: Callable[[Answer], object], letter: Letter) -> None:
        """Send through this door, under this name, and take no answer that `sound` raises `ValueError` for."""
        super().__init__(logging.getLogger(__name__), is_async=False)
        self._door, self._route, self._sound, self._letter = door, route, sound, letter

    def request(
        self,
        method: str,
        uri: str,
        params: Mapping[str, object] | None = None,
        data: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,  # noqa: FBT001, FBT002 - the library's signature
    ) -> Response:
        """Send, and return the answer as the client wants it. Raises what the gateway raises."""
        answer = self._door.call(
            method,
            f"{uri}?{urlencode(params, doseq=True)}" if params else uri,
            route=self._route,
            headers={name: str(value) for name, value in (headers or {}).items()},
            body=urlencode(data, doseq=True).encode() if data else None,
            auth=auth,
            sound=self._sound,
            attempt=self._letter.attempt,
            request_id=self._letter.request_id,
            traceparent=self._letter.traceparent,
        )
        return Response(answer.status, answer.body.decode(), answer.headers)


class Twilio:
    """Text messages by Twilio."""

    name = "twilio"

    def __init__(self, *, door: Callable[[], Gateway] | None = None) -> None:
        """Go out through the gateway's door; `door` gives another one."""
        self._door = door or partial(gateway, self.name)

    def send(self, letter: Letter) -> Accepted:
        """Hand the letter over, once. Raises as the port says."""
        client = self._client(letter, "Messages", _one_message)
        try:
            message = client.messages.create(**_fields(letter))
        except Refused as refusal:
            raise _judged(refusal) from None
        return _accepted(message)

    def look_up(self, letter: Letter, *, since: dt.datetime) -> Accepted | Unknowable | None:
        """Return the message to this number with these very words that Twilio has got since then, or None.

        By number alone and not by Twilio's filter of dates: that one goes by when a message was sent on, and one that
        still waits there was not. `Unknowable` where there are too many to look through.
        """
        client = self._client(letter, "Messages list", _list_of_messages)
        earliest = since - _CLOCKS
        made: list[dt.datetime] = []
        try:
            for message in client.messages.stream(to=letter.recipient, limit=_LOOKED_THROUGH, page_size=_PAGE):
                made.append(message.date_created or earliest)
                # A trial account puts a sentence of its own before the words.
                if made[-1] >= earliest and (message.body or "").endswith(letter.body):
                    return _accepted(message)
        except Refused as refusal:
            raise Refused(refusal.status, _code_of(refusal)) from None
        looked_through = len(made) < _LOOKED_THROUGH or min(made) < earliest
        return None if looked_through else Unknowable()

    def _client(self, letter: Letter, route: str, sound: Callable[[Answer], object]) -> Client:
        """Return the official client. One for each letter: making it takes microseconds, and settings are today's."""
        client = Client(
            settings.TWILIO_ACCOUNT_SID,
            settings.TWILIO_AUTH_TOKEN,
            http_client=GatewayTransport(self._door(), route=route, sound=sound, letter=letter),
            environment={"TWILIO_REGION": ""},  # else it would read the process's
        )
        if settings.TWILIO_API_URL:
            client.api.base_url = settings.TWILIO_API_URL.rstrip("/")
        return client


def _fields(letter: Letter) -> dict[str, object]:
    fields: dict[str, object] = {
        "to": letter.recipient,
        "body": letter.body,
        "validity_period": max(1, min(LONGEST_VALIDITY, letter.valid_seconds)),
    }
    if settings.TWILIO_MESSAGING_SERVICE:
        fields["messaging_service_sid"] = settings.TWILIO_MESSAGING_SERVICE
    else:
        fields["from_"] = settings.TWILIO_FROM
    if _may_call_back():
        fields["status_callback"] = f"{settings.PUBLIC_URL.rstrip('/')}{STATUS_PATH}?message={letter.message_id}"
    return fields


def _may_call_back() -> bool:
    """Return whether Twilio may tell us what became of a message: not over the open net without TLS, it repeats numbers.

    A counterpart that is itself spoken to without TLS stands beside us.
    """
    return settings.PUBLIC_URL.startswith("https://") or settings.TWILIO_API_URL.startswith("http://")


def _accepted(message: Any) -> Accepted:
    segments = str(message.num_segments or "")
    return Accepted(
        message.sid, message.status or "", int(segments) if segments.isascii() and segments.isdigit() else None
    )


def _judged(refusal: Refused) -> Exception:
    """Return what a refusal means for this address."""
    number = _number_of(refusal)
    code = _code_of(refusal)
    if number in OPTED_OUT:
        return OptedOut(code)
    if number in UNDELIVERABLE:
        return Undeliverable(code)
    if number in TOO_MANY:
        return Throttled(code)
    return Refused(refusal.status, code)


def _code_of(refusal: Refused) -> str:
    number = _number_of(refusal)
    return refusal.code if number is None else f"twilio-{number}"


def _number_of(refusal: Refused) -> int | None:
    """Return Twilio's number of the error; its sentence repeats phone numbers and is left where it is."""
    try:
        number = json.loads(refusal.body)["code"]
    except (ValueError, KeyError, TypeError):
        return None
    return number if isinstance(number, int) and 0 < number < 1_000_000 else None


def _one_message(answer: Answer) -> None:
    if not _is_message(json.loads(answer.body.decode())):
        raise ValueError("That is no message.")


def _list_of_messages(answer: Answer) -> None:
    told = json.loads(answer.body.decode())
    messages = told.get("messages") if isinstance(told, dict) else None
    if not (isinstance(messages, list) and all(_is_message(message) for message in messages)):
        raise ValueError("That is no list of messages.")


def _is_message(told: object) -> bool:
    """Return whether the client can make a message of it, and a row keep its id."""
    return (
        isinstance(told, dict)
        and isinstance(told.get("sid"), str)
        and 0 < len(told["sid"]) <= 64  # 34 today
        and all(isinstance(told.get(name, ""), str | None) for name in _WORDS)
    )
