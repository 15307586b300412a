"""What the services tell us: replies, and what became of messages. Signature first, one short transaction, a short answer.

No session, no CSRF token, and no limit of calls: what is refused here is lost. A body has its limit (1 MB).
"""

import json
import logging
import uuid
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final

from django.http import HttpRequest, HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters

from mediconnect.api.errors import MethodNotAllowed, UnreadableBody, UnsupportedMediaType
from mediconnect.api.problems import handle
from mediconnect.errors import Invalid
from notifications.rules.statuses import sendgrid_status, twilio_status
from notifications.services.delivering import note_status
from notifications.services.replying import Incoming, receive_reply

from .signatures import check_sendgrid, check_twilio

log = logging.getLogger(__name__)

_FORM: Final = "application/x-www-form-urlencoded"
_JSON: Final = "application/json"
_TWIML: Final = '<?xml version="1.0" encoding="UTF-8"?><Response/>'
_ID: Final = 64  # a service's ids have 20 to 60 characters
_SENDER: Final = 64
_BODY: Final = 10_000

View = Callable[[HttpRequest], HttpResponse]


def webhook(view: View) -> Callable[..., HttpResponseBase]:
    """Let a service in: POST alone, every refusal a problem document that says no more than needed."""

    @wraps(view)
    def answered(request: HttpRequest) -> HttpResponse:
        if request.method != "POST":
            return handle(MethodNotAllowed(["POST"]), request)
        try:
            return view(request)
        except Exception as error:  # noqa: BLE001 - every one becomes an answer, and the unforeseen a line in the log
            return handle(error, request)

    return csrf_exempt(sensitive_post_parameters()(answered))


@webhook
def twilio_inbound(request: HttpRequest) -> HttpResponse:
    """Take a text message. The answer tells Twilio to say nothing: what we say is a message of its own."""
    form = _signed_form(request)
    receive_reply(
        Incoming(
            provider_id=_needed(form, "MessageSid", _ID),
            sender=_needed(form, "From", _SENDER),
            body=_clean(form.get("Body"), _BODY),
            opt_out_type=_clean(form.get("OptOutType"), 10),
        )
    )
    return HttpResponse(_TWIML, content_type="text/xml; charset=utf-8")


@webhook
def twilio_status_told(request: HttpRequest) -> HttpResponse:
    """Take what became of a text: `?message=` is our id of it, as we gave it along."""
    form = _signed_form(request)
    sid, word = _needed(form, "MessageSid", _ID), _needed(form, "MessageStatus", 20)
    status = twilio_status(word, _clean(form.get("ErrorCode"), 10))
    if status is None:
        log.info("twilio told a status that is not known here")
    else:
        note_status(
            message_id=_identifier(request.GET.get("message")),
            via="twilio",
            provider_id=sid,
            source_id=f"twilio:{sid}:{status.word}",
            status=status,
        )
    return HttpResponse(status=204)


@webhook
def sendgrid_events(request: HttpRequest) -> HttpResponse:
    """Take what became of mails: a list of events, each noted by itself, so that one told again costs nothing."""
    if request.content_type != _JSON:
        raise UnsupportedMediaType
    check_sendgrid(request)
    for event in _events(request.body):
        _note_event(event)
    return HttpResponse(status=204)


def _note_event(event: dict[str, Any]) -> None:
    """Note one event. One that lacks what ours have is somebody else's: an account may send other mail as well."""
    source, mail = _clean(event.get("sg_event_id"), 100), _clean(event.get("sg_message_id"), 200)
    status = sendgrid_status(*(_clean(event.get(name), 100) for name in ("event", "type", "reason")))
    message_id = _identifier(event.get("message_id"))
    if status is None or not source or message_id is None:
        return
    note_status(
        message_id=message_id,
        via="sendgrid",
        provider_id=mail.partition(".")[0][:_ID],  # what follows names the machines it went through
        source_id=f"sendgrid:{source}",
        status=status,
    )


def _events(body: bytes) -> Iterator[dict[str, Any]]:
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        raise UnreadableBody from None
    if not isinstance(told, list) or not all(isinstance(event, dict) for event in told):
        raise Invalid("The body is no list of events.")
    yield from told


def _signed_form(request: HttpRequest) -> QueryDict:
    """Return the form, once its signature was found to fit."""
    params = request.content_params or {}
    if request.content_type != _FORM or params.get("charset", "utf-8").lower() != "utf-8":
        raise UnsupportedMediaType("Send the body as application/x-www-form-urlencoded, in UTF-8.")
    check_twilio(request, request.POST)
    return request.POST


def _needed(form: QueryDict, name: str, longest: int) -> str:
    value = _clean(form.get(name), longest + 1)
    if not 0 < len(value) <= longest:
        raise Invalid.field(name, f"Needed, in {longest} characters at most.")
    return value


def _clean(value: object, longest: int) -> str:
    """Return a text as the database can keep it; "" for what is no text."""
    if not isinstance(value, str):
        return ""
    return value.encode(errors="ignore").decode().replace("\x00", "")[:longest]


def _identifier(text: object) -> uuid.UUID | None:
    try:
        return uuid.UUID(text) if isinstance(text, str) and len(text) <= 36 else None
    except ValueError:
        return None
