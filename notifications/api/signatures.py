"""Who really calls a webhook: the services' own signatures, checked before anything that was sent is believed."""

import binascii
import datetime as dt
import logging
from typing import Final

from django.conf import settings
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator

from mediconnect.errors import NotFound, NotPermitted, TryAgain

log = logging.getLogger(__name__)

OLDEST: Final = dt.timedelta(seconds=300)
"""What was signed longer ago, or will be, is a recording of something (reliability.md, section 7)."""

_TWILIO: Final = "X-Twilio-Signature"
_SENDGRID: Final = "X-Twilio-Email-Event-Webhook-Signature"
_SENDGRID_AT: Final = "X-Twilio-Email-Event-Webhook-Timestamp"
_REFUSED: Final = "The signature does not fit."


def public_url(request: HttpRequest) -> str:
    """Return the address that was called, as the world outside knows it: what is signed is that, not what a proxy left."""
    query = request.META.get("QUERY_STRING", "")
    return settings.PUBLIC_URL.rstrip("/") + request.path_info + (f"?{query}" if query else "")


def check_twilio(request: HttpRequest, form: QueryDict) -> None:
    """Refuse a form that Twilio did not sign for this address with our auth token (HMAC-SHA1).

    Raises `NotPermitted`, and `NotFound` where there is no token: without one nobody is believed.
    """
    if not settings.TWILIO_AUTH_TOKEN:
        raise NotFound
    signature = request.headers.get(_TWILIO, "")
    if "bodySHA256" in request.GET or not signature.isascii():
        raise NotPermitted(_REFUSED)  # signed for JSON, which neither of our addresses gets
    if not RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(public_url(request), form, signature):
        raise NotPermitted(_REFUSED)


def check_sendgrid(request: HttpRequest) -> None:
    """Refuse a body that SendGrid did not sign with our account's key, byte for byte, within the last five minutes.

    Raises `NotPermitted`, `NotFound` where there is no key, and `TryAgain` where it is none.
    """
    if not settings.SENDGRID_WEBHOOK_PUBLIC_KEY:
        raise NotFound
    signature, timestamp = request.headers.get(_SENDGRID, ""), request.headers.get(_SENDGRID_AT, "")
    if not _is_recent(timestamp) or not _is_signed(_webhook(), request.body, signature, timestamp):
        raise NotPermitted(_REFUSED)


def _webhook() -> EventWebhook:
    try:
        return EventWebhook(settings.SENDGRID_WEBHOOK_PUBLIC_KEY)
    except ValueError:
        log.error("SENDGRID_WEBHOOK_PUBLIC_KEY is no public key")  # noqa: TRY400 - the trace would hold it
        raise TryAgain("This address is not set up.", retry_after=300) from None


def _is_recent(timestamp: str) -> bool:
    if not (timestamp.isascii() and timestamp.isdecimal() and len(timestamp) <= 11):
        return False
    return abs(timezone.now().timestamp() - int(timestamp)) <= OLDEST.total_seconds()


def _is_signed(webhook: EventWebhook, body: bytes, signature: str, timestamp: str) -> bool:
    try:
        return bool(webhook.verify_signature(body.decode(), signature, timestamp))
    except (binascii.Error, ValueError):  # no base64, or no text
        return False
