"""Take away holds that have run out. Nothing waits for it: reads ignore them, and a booking drops those in its way."""

import uuid
from collections.abc import Sequence
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from appointments.events import HoldReleased
from appointments.locks import lock_lapsed
from appointments.models import Hold
from mediconnect.outbox import publish

from .freeing import free_time_of_hold

BATCH: Final = 200


def drop_lapsed(holds: Sequence[uuid.UUID]) -> int:
    """Delete those of the holds that have run out, say so for each, and return how many there were.

    They are in the way of whoever calls this, and has the time next: it is nothing for the waitlist.
    """
    if not holds:
        return 0
    lapsed = lock_lapsed(holds)
    for hold in lapsed:
        _drop(hold)
    return len(lapsed)


def release(hold: Hold) -> None:
    """Delete a hold, and its claims with it, say that its time is free, and let the waitlist have it."""
    _drop(hold)
    free_time_of_hold(hold)


def _drop(hold: Hold) -> None:
    identifier = hold.pk
    hold.delete()
    publish(HoldReleased(identifier, hold.provider_id, hold.appointment_type_id), aggregate_id=identifier)


def sweep_holds() -> int:
    """Delete every hold that has run out, two hundred per transaction; return how many."""
    swept = 0
    while True:
        with transaction.atomic():
            due = list(
                Hold.objects.filter(expires_at__lte=Now()).order_by("expires_at").values_list("pk", flat=True)[:BATCH]
            )
            lapsed = lock_lapsed(due)
            for hold in lapsed:
                release(hold)
            dropped = len(lapsed)
        swept += dropped
        if dropped < BATCH:
            return swept
