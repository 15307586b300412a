"""Tell which visits of a batch are to be worked: all at once, or of moves one after another."""

from django.db.models import QuerySet

from appointments.events import BatchItemAsked, BatchNoteAsked
from appointments.models import Batch, BatchItem
from mediconnect.outbox import publish


def in_turn(batch: Batch) -> bool:
    """Return whether a visit is asked for only when the one before it is over.

    Moves are: each leaves the time that the next one goes to, and no order between facts is promised.
    """
    return batch.act == Batch.Act.MOVE


def ask_for(batch: Batch) -> None:
    """Tell, in the caller's transaction, that what waits is to be worked; of moves that the first is."""
    if in_turn(batch):
        ask_next(batch)
        return
    event = BatchNoteAsked if batch.act == Batch.Act.MESSAGE else BatchItemAsked
    for item in _waiting(batch):
        publish(event(item.pk), aggregate_id=item.pk)


def ask_next(batch: Batch) -> None:
    """Tell, in the caller's transaction, that the first that waits is to be worked; nothing where none does."""
    for item in _waiting(batch)[:1]:
        publish(BatchItemAsked(item.pk), aggregate_id=item.pk)


def _waiting(batch: Batch) -> QuerySet[BatchItem]:
    return BatchItem.objects.filter(batch=batch, state=BatchItem.State.WAITING).order_by("place").only("pk")
