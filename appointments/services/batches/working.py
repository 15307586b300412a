"""Do to one visit what its batch asks, and tick it, in one transaction: a crash leaves it as it was, to be done again."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping
from typing import Final

from django.db import transaction

from appointments.errors import NothingToMove, OtherDay
from appointments.locks import lock_appointment, lock_item
from appointments.models import Appointment, Batch, BatchItem
from appointments.models.status import MOVABLE
from appointments.services.booking import Caller
from appointments.services.cancelling import cancel_appointment
from appointments.services.changing import check_status, check_version
from appointments.services.moving import reschedule_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError, NotFound, TryAgain
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .asking import ask_next, in_turn
from .finishing import finish_item


def work_item(*, item_id: uuid.UUID) -> None:
    """Cancel or move the item's visit as the act of whoever began the batch, unless that is done or stopped already.

    Needs an open transaction, in which the item is ticked as well. A refusal is noted with its code and stops nothing
    else; whatever else goes wrong is raised, and the whole is to be done again.
    """
    item = lock_item(item_id)
    if item is None or item.state != BatchItem.State.WAITING:
        return
    try:
        with transaction.atomic():  # what a refused act wrote on its way is not kept
            _acting(item, lambda: _ACTS[item.batch.act](item), by_id=item.batch.created_by_id)
    except TryAgain:
        raise
    except DomainError as refusal:
        finish_item(item_id=item.pk, refusal=refusal.code)
    else:
        finish_item(item_id=item.pk)
    if in_turn(item.batch):
        ask_next(item.batch)


def undo_item(*, item_id: uuid.UUID, by_id: uuid.UUID) -> None:
    """Take the cancellation of the item's visit back, as the act of that person; what changed since stays as it is.

    Needs an open transaction. A time that somebody else has meanwhile, or two minutes gone by, leave it cancelled.
    """
    item = lock_item(item_id)
    if item is None or item.state != BatchItem.State.DONE:
        return

    def work() -> object:
        expected = Expected(item.version + 1, by_header=False)
        return undo_last_step(
            appointment_id=item.appointment_id, expected=expected, caller=Caller(by_id, patients_own=False)
        )

    try:
        with transaction.atomic():
            _acting(item, work, by_id=by_id)
    except TryAgain:
        raise
    except DomainError:
        return
    BatchItem.objects.filter(pk=item.pk).update(state=BatchItem.State.UNDONE)


def _acting(item: BatchItem, work: Callable[[], object], *, by_id: uuid.UUID) -> None:
    decide(work, actor_id=by_id, request_id=current_request_id(), reason=f"batch {item.batch_id}")


def _cancel(item: BatchItem) -> None:
    visit = lock_appointment(item.appointment_id)
    check_version(visit, _expected(item))
    check_status(visit, MOVABLE)  # who is here already is talked to, not cancelled with many
    cancel_appointment(
        appointment_id=visit.pk,
        reason=item.batch.cancellation_reason,
        expected=_expected(item),
        caller=_caller(item),
    )


def _move(item: BatchItem) -> None:
    batch = item.batch
    # Without a lock: the service locks in its own order, and refuses what is not of this version any more.
    visit = Appointment.objects.select_related("clinic").filter(pk=item.appointment_id).first()
    if visit is None:
        raise NotFound
    check_version(visit, _expected(item))
    reschedule_appointment(
        appointment_id=visit.pk,
        start=_shifted(visit, batch),
        expected=_expected(item),
        caller=_caller(item),
        provider_id=batch.to_provider_id,
    )


def _shifted(visit: Appointment, batch: Batch) -> dt.datetime:
    start = visit.starts_at + dt.timedelta(minutes=batch.shift_minutes or 0)
    if start == visit.starts_at and batch.to_provider_id in {None, visit.provider_id}:
        raise NothingToMove
    zone = visit.clinic.zone
    if start.astimezone(zone).date() != visit.starts_at.astimezone(zone).date():
        raise OtherDay
    return start


_ACTS: Final[Mapping[str, Callable[[BatchItem], None]]] = {Batch.Act.CANCEL: _cancel, Batch.Act.MOVE: _move}


def _expected(item: BatchItem) -> Expected:
    return Expected(item.version, by_header=False)


def _caller(item: BatchItem) -> Caller:
    return Caller(item.batch.created_by_id, patients_own=False)
