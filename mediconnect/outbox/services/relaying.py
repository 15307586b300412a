"""Carry what is due to its listeners: each handler's rows and the tick of its delivery commit together."""

import contextlib
import datetime
import logging
import time
import uuid
from collections.abc import Iterator
from typing import Final

from django.db import transaction
from django.db.models.functions import Now

from mediconnect.outbox.errors import Undeliverable
from mediconnect.outbox.locks import claim, hold
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.rules import MAX_ATTEMPTS
from mediconnect.records.acting import declare_actor
from mediconnect.resilience.retry import delay
from mediconnect.telemetry.request_id import current_request_id, set_request_id

from .routing import event_type_of, handler_of
from .waking import WAIT, wake

log = logging.getLogger(__name__)

_TURN_SECONDS: Final = 10.0
"""A turn ends well inside the queue's time limit for a task (30 s) and the grace of a stop (20 s)."""


def relay(limit: int = 500) -> int:
    """Work the deliveries that are due, the oldest first; return how many were taken up, whatever became of each.

    Ends when nothing is due, after `limit` deliveries, or after 10 seconds. Never raises for what a handler does: a
    failure is written on its delivery, waits longer each time and is dead after eight attempts.
    """
    bury_the_lost()
    stop_at = time.monotonic() + _TURN_SECONDS
    taken = 0
    while taken < limit and time.monotonic() < stop_at:
        claimed = claim()
        if claimed is None:
            break
        taken += 1
        _work(*claimed)
    return taken


def bury_the_lost() -> int:
    """Declare dead what spent its last attempt on a worker that never came back; return how many."""
    return (
        Delivery.objects.pending()
        .filter(attempts__gte=MAX_ATTEMPTS, lease_until__lt=Now())
        .update(state=Delivery.State.DEAD, last_error="WorkerLost", lease_token=None, lease_until=None)
    )


def _work(delivery_id: int, lease_token: uuid.UUID) -> None:
    """Hand one leased delivery to its handler and write the outcome, unless the lease is lost meanwhile."""
    try:
        with transaction.atomic():
            delivery = hold(delivery_id, lease_token)
            if delivery is None:
                log.warning("delivery %s was taken over by another worker", delivery_id)
                return
            with _said_by(delivery.fact):
                _deliver(delivery)
    except Exception as error:  # noqa: BLE001 - whatever a handler raises is its delivery's failure, not the relay's
        _fail(delivery_id, lease_token, error, final=isinstance(error, Undeliverable))


@contextlib.contextmanager
def _said_by(fact: Fact) -> Iterator[None]:
    """Let logs and history of the reaction carry the request that the fact came from."""
    before = current_request_id()
    set_request_id(fact.request_id)
    try:
        declare_actor(actor_id=None, request_id=fact.request_id, reason=fact.name)
        yield
    finally:
        set_request_id(before)


def _deliver(delivery: Delivery) -> None:
    """Call the handler with the fact and tick the delivery, in the caller's transaction."""
    delivery.fact.read(event_type_of(delivery.fact.name))
    handler_of(delivery.handler)(delivery.fact)
    Delivery.objects.filter(pk=delivery.pk).update(
        state=Delivery.State.DONE, done_at=Now(), lease_token=None, lease_until=None, last_error=""
    )


def _fail(delivery_id: int, lease_token: uuid.UUID, error: Exception, *, final: bool) -> None:
    """Write a failure: try again later, or dead. Refused (and logged) if another worker took the delivery over."""
    name = type(error).__name__
    with transaction.atomic():
        delivery = hold(delivery_id, lease_token)
        if delivery is None:
            log.warning("delivery %s failed (%s) after its lease was lost", delivery_id, name)
            return
        if final or delivery.attempts >= MAX_ATTEMPTS:
            delivery.state = Delivery.State.DEAD
        wait = delay(delivery.attempts - 1)
        Delivery.objects.filter(pk=delivery.pk).update(
            state=delivery.state,
            due_at=Now() + datetime.timedelta(seconds=wait),
            lease_token=None,
            lease_until=None,
            last_error=name,
        )
        if delivery.state == Delivery.State.PENDING:
            wake(wait=wait + WAIT)
    # The class alone: an error's words may quote what the handler read.
    log.warning("delivery %s of %s failed: %s, %s", delivery_id, delivery.fact, name, delivery.state)
