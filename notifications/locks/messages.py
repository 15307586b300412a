"""Who may send a message: a lease for the time of the call, row locks for the moments of decision and outcome."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import connection

from notifications.models import Message

LEASE_SECONDS: Final = 45
"""Three times the longest call (15 s, reliability S-1), so that a live sender never loses its lease."""

# Lapsed leases first: whoever held one is gone, and its message has waited longest.
_TAKE: Final = """
WITH lapsed AS (
    SELECT id, state, reason, attempts FROM notifications_message
    WHERE state = 'sending' AND lease_until < statement_timestamp() AND channel = ANY(%(channels)s)
    ORDER BY lease_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), due AS (
    SELECT id, state, reason, attempts FROM notifications_message
    WHERE state IN ('queued', 'waiting') AND due_at <= statement_timestamp() AND channel = ANY(%(channels)s)
      AND NOT EXISTS (SELECT FROM lapsed)
    ORDER BY urgent DESC, due_at, id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), next AS (SELECT * FROM lapsed UNION ALL SELECT * FROM due LIMIT 1)
UPDATE notifications_message AS message
SET state = 'sending', attempts = next.attempts + 1, lease_token = gen_random_uuid(),
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
FROM next WHERE message.id = next.id
RETURNING message.id, message.lease_token, message.attempts, next.state, next.reason
"""

# Passed by, not waited for: whoever changes a visit now is heard at the next look, and the loop goes on meanwhile.
_SHARE_VISITS: Final = """
SELECT id FROM appointments_appointment WHERE id = ANY(%(visits)s) ORDER BY id FOR SHARE SKIP LOCKED
"""

_QUEUE_FOR_ADDRESS: Final = "SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))"


@dataclass(frozen=True, slots=True)
class Taken:
    """A leased message. `attempt` counts this one; `was` and `why` are the state and reason in which it was found."""

    id: uuid.UUID
    token: uuid.UUID
    attempt: int
    was: str
    why: str


def take(channels: Collection[str]) -> Taken | None:
    """Lease the next message to send on one of the channels and count the attempt; None when none is due.

    Must commit before anything else is done with it: then whoever dies of it has still used up an attempt. Urgent ones
    come first, then those due longest. One at a time, so that a death costs no other message one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"channels": list(channels), "lease": LEASE_SECONDS})
        row = cursor.fetchone()
    return Taken(*row) if row else None


def hold(message_id: uuid.UUID, token: uuid.UUID) -> Message | None:
    """Lock the leased message until the transaction ends; None if the lease was lost."""
    leased = Message.objects.filter(pk=message_id, state=Message.State.SENDING, lease_token=token)
    return leased.select_for_update(of=("self",), no_key=True).first()


def hold_unread(message_id: uuid.UUID, token: uuid.UUID) -> Message | None:
    """Lock the leased message without opening what is sealed in it, for one that cannot be opened."""
    leased = Message.objects.filter(pk=message_id, state=Message.State.SENDING, lease_token=token)
    return leased.sealed().select_for_update(of=("self",), no_key=True).first()


def hold_message(message_id: uuid.UUID) -> Message:
    """Lock a message that somebody wants to change by hand, unopened. Raises `Message.DoesNotExist`."""
    return Message.objects.sealed().select_for_update(of=("self",), no_key=True).get(pk=message_id)


def share_visits(visits: Collection[uuid.UUID]) -> bool:
    """Keep the visits as they are until the transaction ends; False if one of them is being changed at this moment.

    A change that commits later finds the send begun, and no send begins after its commit.
    """
    with connection.cursor() as cursor:
        cursor.execute(_SHARE_VISITS, {"visits": list(visits)})
        return len(cursor.fetchall()) == len(set(visits))


def queue_for_address(channel: str, index: str) -> None:
    """Let one sender at a time count what an address was sent, until its transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute(_QUEUE_FOR_ADDRESS, [f"{channel}:{index}"])


def database_now() -> dt.datetime:
    """Return the moment of this statement by the database's clock, which all senders share."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement_timestamp()")
        moment: dt.datetime = cursor.fetchone()[0]
    return moment
