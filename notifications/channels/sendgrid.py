"""Mail by SendGrid: its official client, with our gateway in the place of its transport."""

import base64
import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from typing import Any, Final

from django.conf import settings
from python_http_client import Client
from sendgrid import SendGridAPIClient
from sendgrid.helpers import mail

from mediconnect.resilience.gateway import Answer, Gateway, gateway
from mediconnect.resilience.outside import Refused
from notifications.channels.port import Accepted, Letter, Undeliverable, Unknowable
from notifications.rules.statuses import SENDGRID_BAD_ADDRESS

HOST: Final = "https://api.sendgrid.com"
_BAD_ADDRESS: Final = "personalizations.0.to.0.email"  # what SendGrid calls the field that holds the recipient


@dataclass(slots=True)
class _Opened:
    """An answer in the shape of urllib's, which the client reads."""

    answer: Answer

    def getcode(self) -> int:
        return self.answer.status

    def read(self) -> bytes:
        return self.answer.body

    def info(self) -> Mapping[str, str]:
        return self.answer.headers


class GatewayTransport(Client):  # type: ignore[misc]  # the library has no types
    """What the official client sends with. Its own waits for ever."""

    def __init__(self, send: Callable[[Any], Answer], **options: Any) -> None:
        """Send requests, urllib's, with this."""
        super().__init__(**options)
        self._send = send

    def _build_client(self, name: str | None = None) -> "GatewayTransport":
        return GatewayTransport(
            self._send,
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            append_slash=self.append_slash,
        )

    def _make_request(self, opener: object, request: Any, timeout: float | None = None) -> _Opened:
        return _Opened(self._send(request))


class SendGrid:
    """Mail by SendGrid."""

    name = "sendgrid"

    def __init__(self, *, door: Callable[[], Gateway] | None = None) -> None:
        """Go out through the gateway's door; `door` gives another one."""
        self._door = door or partial(gateway, self.name)

    def send(self, letter: Letter) -> Accepted:
        """Hand the letter over, once. Raises as the port says."""
        try:
            response = self._client(letter).send(_mail(letter))
        except Refused as refusal:
            raise _judged(refusal) from None
        return Accepted(response.headers.get("X-Message-Id", "")[:100], "accepted")

    def look_up(self, letter: Letter, *, since: dt.datetime) -> Unknowable:
        """Say that it cannot be asked: only the event that carries our id tells (the webhook)."""
        return Unknowable()

    def _client(self, letter: Letter) -> SendGridAPIClient:
        client = SendGridAPIClient(settings.SENDGRID_API_KEY, host=(settings.SENDGRID_API_URL or HOST).rstrip("/"))
        client.client = GatewayTransport(
            partial(_send, self._door(), letter),
            host=client.host,
            version=3,
            request_headers=dict(client.client.request_headers),
        )
        return client


def _send(door: Gateway, letter: Letter, request: Any) -> Answer:
    return door.call(
        request.get_method(),
        request.get_full_url(),
        route="mail/send",
        headers=dict(request.header_items()),
        body=request.data,
        sound=_taken,
        attempt=letter.attempt,
        request_id=letter.request_id,
        traceparent=letter.traceparent,
    )


def _taken(answer: Answer) -> None:
    """Raise `ValueError` unless this is how SendGrid takes a mail: 202 and nothing said."""
    if answer.status != HTTPStatus.ACCEPTED:
        raise ValueError("That is not how a mail is taken.")


def _mail(letter: Letter) -> mail.Mail:
    """Return the mail. Nothing in it is followed: links carry tokens, and who read what is nobody's business."""
    written = mail.Mail(
        from_email=settings.SENDGRID_FROM,
        to_emails=letter.recipient,
        subject=" ".join(letter.subject.split()),  # one line: it becomes a header
        plain_text_content=letter.body,
        html_content=letter.html or None,
    )
    written.category = mail.Category(letter.category)
    # With the recipient: for one that holds for the whole mail SendGrid's description wants a string, the client has a dict.
    written.custom_arg = mail.CustomArg("message_id", str(letter.message_id), p=0)
    written.tracking_settings = mail.TrackingSettings(
        click_tracking=mail.ClickTracking(enable=False, enable_text=False),
        open_tracking=mail.OpenTracking(enable=False),
        subscription_tracking=mail.SubscriptionTracking(enable=False),
    )
    if letter.unsubscribe_url:  # one click in the reader's own program (RFC 8058)
        written.header = mail.Header("List-Unsubscribe", f"<{letter.unsubscribe_url}>")
        written.header = mail.Header("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    for file in letter.attachments:
        content = base64.b64encode(file.content).decode()
        written.attachment = mail.Attachment(content, file.name, file.content_type, "attachment")
    return written


def _judged(refusal: Refused) -> Exception:
    """Return what a refusal means for this address. SendGrid's sentences repeat what was sent and stay where they are."""
    if refusal.status == HTTPStatus.BAD_REQUEST and _BAD_ADDRESS in _fields_named(refusal):
        return Undeliverable(SENDGRID_BAD_ADDRESS)
    return Refused(refusal.status, f"sendgrid-{refusal.status}")


def _fields_named(refusal: Refused) -> set[str]:
    try:
        return {str(error["field"]) for error in json.loads(refusal.body)["errors"]}
    except (ValueError, KeyError, TypeError):
        return set()
