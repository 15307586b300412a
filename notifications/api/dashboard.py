"""A patient's last messages, as the contract shows them. Fills a port of patients."""

import uuid
from collections.abc import Sequence
from typing import Any, Final

from notifications.models import Message, State
from notifications.queries.log import masked

from .rendering import local

_SHOWN: Final = 20


def messages_of(patient_ids: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """Return the last twenty messages about visits and offers that went to these patients, latest first; one statement."""
    told = Message.objects.filter(
        patient__in=patient_ids, clinic__isnull=False, state__in=[State.SENT, State.DELIVERED]
    )
    return [
        _rendered(message)
        for message in told.select_related("clinic").without_words().order_by("-created_at", "-id")[:_SHOWN]
    ]


def _rendered(message: Message) -> dict[str, Any]:
    return {
        "id": message.pk,
        "kind": message.kind,
        "channel": message.channel,
        "recipient": masked(message.channel, message.recipient),
        "patient": message.patient_id,
        "appointment": message.visit_id,
        "timezone": message.clinic.timezone if message.clinic else None,
        "appointment_start": local(message, message.visit_starts_at),
        "state": message.state,
        "sent_at": local(message, message.sent_at),
        "delivered_at": local(message, message.delivered_at),
    }
