"""Messages as the contract shows them: where they stand and why, never what they say."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from notifications.models import Message, MessageEvent
from notifications.queries.log import masked


def local(message: Message, moment: dt.datetime | None) -> str | None:
    """Return a moment by the clock of the message's clinic, with its offset; reads `clinic`."""
    if moment is None:
        return None
    return moment.astimezone(ZoneInfo(message.clinic.timezone) if message.clinic else dt.UTC).isoformat()


def render(message: Message) -> dict[str, Any]:
    """Return a message for staff of its clinic; reads `clinic`."""
    return {
        "id": message.pk,
        "kind": message.kind,
        "channel": message.channel,
        "language": message.language,
        "recipient": masked(message.channel, message.recipient),
        "clinic": message.clinic_id,
        "timezone": message.clinic.timezone if message.clinic else None,
        "patient": message.patient_id,
        "appointment": message.visit_id,
        "appointment_start": local(message, message.visit_starts_at),
        "minutes_before": message.lead_minutes,
        "state": message.state,
        "why": message.reason or None,
        "via": message.via or None,
        "attempts": message.attempts,
        "last_error": message.last_error or None,
        "perhaps_twice": message.ambiguities > 0,
        "instead_of": message.instead_of_id,
        "due_at": local(message, message.due_at),
        "sent_at": local(message, message.sent_at),
        "delivered_at": local(message, message.delivered_at),
        "created_at": local(message, message.created_at),
    }


def render_event(event: MessageEvent) -> dict[str, Any]:
    """Return one line of a message's life, by the clock of the message's clinic; reads both."""
    return {
        "at": local(event.message, event.at),
        "what": event.what,
        "detail": event.detail or None,
        "until": local(event.message, event.until),
        "attempt": event.attempt,
        "by": event.by_id,
        "note": event.note or None,
    }
