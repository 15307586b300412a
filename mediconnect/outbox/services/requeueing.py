"""Give a dead delivery another life."""

import logging
import uuid

from django.db import transaction
from django.db.models.functions import Now

from mediconnect.outbox.errors import DeliveryNotDead
from mediconnect.outbox.locks import hold_dead
from mediconnect.outbox.models import Delivery

from .waking import wake

log = logging.getLogger(__name__)


def requeue(*, delivery_id: int, by_id: uuid.UUID | None) -> Delivery:
    """Make a dead delivery due at once with all its attempts, keep its key, note who asked; return it.

    The row stays the same, so a listener still hears the fact once at most. Raises `DeliveryNotDead` for any other
    state and `Delivery.DoesNotExist`. `by_id` is the user, None for the system itself.
    """
    with transaction.atomic():
        delivery = hold_dead(delivery_id)
        if delivery.state != Delivery.State.DEAD:
            raise DeliveryNotDead
        Delivery.objects.filter(pk=delivery.pk).update(
            state=Delivery.State.PENDING, attempts=0, due_at=Now(), requeued_at=Now(), requeued_by_id=by_id
        )
        wake()
    log.info("delivery %s to %s was queued again by %s", delivery.pk, delivery.handler, by_id)
    delivery.refresh_from_db()
    return delivery
