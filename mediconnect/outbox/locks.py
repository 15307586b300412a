"""Who may work a delivery: a lease for the time of the work, a row lock for the moment of the outcome."""

import uuid
from typing import Final

from django.db import connection

from .models import Delivery
from .rules import MAX_ATTEMPTS

LEASE_SECONDS: Final = 60
"""Twice the queue's time limit for a task (30 s), so that a live worker never loses its lease."""

_CLAIM: Final = """
UPDATE outbox_delivery
SET attempts = attempts + 1,
    lease_until = statement_timestamp() + %(lease)s * interval '1 second',
    lease_token = gen_random_uuid()
WHERE id = (
    SELECT id FROM outbox_delivery
    WHERE state = 'pending' AND due_at <= statement_timestamp() AND attempts < %(max_attempts)s
      AND (lease_until IS NULL OR lease_until < statement_timestamp())
    ORDER BY due_at, id
    LIMIT 1
    FOR NO KEY UPDATE SKIP LOCKED)
RETURNING id, lease_token
"""


def claim() -> tuple[int, uuid.UUID] | None:
    """Lease the delivery that has been due longest and count the attempt; return its id and the lease's token.

    None when nothing is due or all that is due is held by others. Must commit before the work starts: then a worker
    that dies of the work has still used up an attempt. One at a time, so that a death costs no other delivery one.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CLAIM, {"lease": LEASE_SECONDS, "max_attempts": MAX_ATTEMPTS})
        row: tuple[int, uuid.UUID] | None = cursor.fetchone()
    return row


def hold(delivery_id: int, lease_token: uuid.UUID) -> Delivery | None:
    """Lock the leased delivery until the transaction ends and return it with its fact; None if the lease was lost."""
    return (
        Delivery.objects.select_for_update(of=("self",), no_key=True)
        .select_related("fact")
        .pending()
        .filter(pk=delivery_id, lease_token=lease_token)
        .first()
    )


def hold_dead(delivery_id: int) -> Delivery:
    """Lock a delivery that somebody wants to queue again. Raises `Delivery.DoesNotExist`."""
    return Delivery.objects.select_for_update(of=("self",), no_key=True).get(pk=delivery_id)
