"""Give a message that did not arrive another life, or put it away for good."""

import logging
import uuid

from django.db import transaction
from django.db.models.functions import Now

from mediconnect.errors import Invalid, NotFound
from notifications.errors import MessageOnItsWay
from notifications.locks.messages import hold_message
from notifications.models import REQUEUABLE, Channel, Kind, Message, MessageEvent, State
from notifications.rules.reasons import Why
from notifications.services.waking import wake_senders

log = logging.getLogger(__name__)


def requeue_message(*, message_id: uuid.UUID, by_id: uuid.UUID | None) -> Message:
    """Make a message that was given up or not delivered due at once, with all its attempts, and return it.

    The row keeps its key, so the step is still told once. Address and words are chosen anew, except while nobody knows
    whether it was accepted: then a text is looked up first, and a mail sent again counts as sent without knowing.
    Raises `NotFound`, and `MessageOnItsWay` for a message in any other state. `by_id` is the user who asked.
    """
    with transaction.atomic():
        message = _failed_message(message_id)
        if not message.in_doubt and Kind(message.kind).about_a_visit:
            message.recipient = message.recipient_index = message.subject = message.body = ""
            message.html, message.link_hash, message.segments = "", None, None
        if message.in_doubt and message.channel == Channel.EMAIL:
            message.in_doubt, message.ambiguities = False, message.ambiguities + 1
        message.state, message.reason, message.attempts = State.QUEUED, "", 0
        message.provider_id = message.provider_status = message.via = ""
        message.sent_at = message.delivered_at = message.first_attempt_at = None
        message.requeued_by_id = by_id
        message.save()
        Message.objects.filter(pk=message.pk).update(due_at=Now(), requeued_at=Now())
        MessageEvent.objects.create(message=message, what=MessageEvent.What.REQUEUED, by_id=by_id)
        wake_senders()
    log.info("message %s was queued again by %s", message.pk, by_id)
    message.refresh_from_db()
    return message


def discard_message(*, message_id: uuid.UUID, reason: str, by_id: uuid.UUID | None) -> Message:
    """Put a message that was given up or not delivered away, for a reason that its life keeps; return it.

    Raises `NotFound`, `MessageOnItsWay` for a message in any other state and `Invalid` without a reason of 1 to 200
    characters.
    """
    words = reason.strip()
    if not 1 <= len(words) <= 200:
        raise Invalid.field("reason", "Say why, in 200 characters at most.")
    with transaction.atomic():
        message = _failed_message(message_id)
        message.state, message.reason = State.DISCARDED, Why.DISCARDED
        message.save(update_fields=["state", "reason"])
        MessageEvent.objects.create(
            message=message, what=MessageEvent.What.DISCARDED, detail=Why.DISCARDED, by_id=by_id, note=words
        )
    log.info("message %s was discarded by %s", message.pk, by_id)
    return message


def _failed_message(message_id: uuid.UUID) -> Message:
    try:
        message = hold_message(message_id)
    except Message.DoesNotExist:
        raise NotFound from None
    if message.state not in REQUEUABLE:
        raise MessageOnItsWay
    return message
