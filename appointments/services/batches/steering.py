"""Stop what of a batch waits, try again what was refused, take back what was cancelled."""

import uuid

from django.db.models import OuterRef, Subquery
from django.db.models.functions import Now
from django.utils import timezone

from appointments.errors import BatchOver, UndoExpired
from appointments.events import BatchUndoAsked
from appointments.locks import lock_batch
from appointments.models import Appointment, Batch, BatchItem
from appointments.services.booking import Caller
from appointments.services.undoing import UNDO_CANCELLATION
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .asking import ask_for


def stop_batch(*, batch_id: uuid.UUID, clinic_id: uuid.UUID, caller: Caller) -> Batch:
    """Return the batch, stopped: what waits is not done any more, what is done stays done.

    Raises `BatchOver` where nothing waits, `NotFound`.
    """

    def work() -> Batch:
        batch = lock_batch(batch_id, clinic_id=clinic_id)
        if not _stop(batch):
            raise BatchOver
        return batch

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def retry_refused(*, batch_id: uuid.UUID, clinic_id: uuid.UUID, caller: Caller) -> Batch:
    """Return the batch with its refused visits waiting again, each with the version that it has now.

    What waits already is asked for once more, which does nothing twice. Raises `BatchOver` where none
    was refused or waits, or all was taken back, `NotFound`.
    """

    def work() -> Batch:
        batch = lock_batch(batch_id, clinic_id=clinic_id)
        now = Appointment.objects.filter(pk=OuterRef("appointment")).values("version")
        again = BatchItem.objects.filter(batch=batch, state=BatchItem.State.REFUSED).update(
            state=BatchItem.State.WAITING, refusal="", done_at=None, version=Subquery(now)
        )
        waiting = BatchItem.objects.filter(batch=batch, state=BatchItem.State.WAITING)
        if batch.undone_at is not None or not (again or waiting.exists()):
            raise BatchOver
        batch.stopped_at = None
        batch.save(update_fields=["stopped_at", "updated_at"])
        ask_for(batch)
        return batch

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def undo_batch(*, batch_id: uuid.UUID, clinic_id: uuid.UUID, caller: Caller) -> Batch:
    """Return the batch of cancellations, whose visits are taken back one by one; what waits is not cancelled any more.

    Once, and for two minutes from its beginning: then `UndoExpired`. A visit whose time somebody has meanwhile stays
    cancelled. Raises `BatchOver` where nothing was cancelled or it was taken back already, `NotFound`.
    """

    def work() -> Batch:
        batch = lock_batch(batch_id, clinic_id=clinic_id)
        if batch.act != Batch.Act.CANCEL or batch.undone_at is not None:
            raise BatchOver
        if timezone.now() - batch.updated_at > UNDO_CANCELLATION:
            raise UndoExpired
        stopped = _stop(batch)
        done = list(BatchItem.objects.filter(batch=batch, state=BatchItem.State.DONE).values_list("pk", flat=True))
        if not stopped and not done:
            raise BatchOver
        batch.undone_at = Now()
        batch.save(update_fields=["undone_at", "updated_at"])
        for item in done:
            publish(BatchUndoAsked(item, caller.signed_in_id), aggregate_id=item)
        return batch

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _stop(batch: Batch) -> int:
    """Stop what waits and return how many those are; one that is being worked is waited for, and then is what it became."""
    stopped = BatchItem.objects.filter(batch=batch, state=BatchItem.State.WAITING).update(
        state=BatchItem.State.STOPPED, done_at=Now()
    )
    if stopped:
        batch.stopped_at = Now()
        batch.save(update_fields=["stopped_at", "updated_at"])
        batch.refresh_from_db(fields=["stopped_at"])
    return stopped
