"""Hold what waits to be sent to an address, and what came in: for whoever learns something of them from outside."""

import uuid
from collections.abc import Collection

from notifications.models import Message, Reply, State


def hold_told(message_id: uuid.UUID) -> Message | None:
    """Lock the message that a service speaks of until the transaction ends, without opening its seals; None for none."""
    rows = Message.objects.sealed().filter(pk=message_id)
    return rows.select_for_update(of=("self",), no_key=True).first()


def hold_waiting(channel: str, address_index: str, patients: Collection[uuid.UUID]) -> list[Message]:
    """Lock the clinics' messages that wait to be sent to an address, or on its channel to one of these patients.

    Passed by are those that a sender holds: it reads again what is known of the address before it sends. So are those of
    which nobody knows whether they were accepted: only their service can say. Seals stay closed.
    """
    waiting = Message.objects.sealed().filter(
        channel=channel, state__in=(State.QUEUED, State.WAITING), clinic__isnull=False, in_doubt=False
    )
    made_ready = waiting.filter(recipient_index=address_index) if address_index else waiting.none()
    unaddressed = waiting.filter(recipient_index="", patient__in=patients)
    found = [
        message
        for rows in (made_ready, unaddressed)
        for message in rows.order_by("id").select_for_update(of=("self",), no_key=True, skip_locked=True)
    ]
    return sorted(found, key=lambda message: message.pk)


def hold_reply(reply_id: uuid.UUID) -> Reply | None:
    """Lock a reply that somebody answers or closes; None for none."""
    return Reply.objects.select_for_update(of=("self",), no_key=True).filter(pk=reply_id).first()
