"""React to what is asked of one visit of many: do it and tick it, in the delivery's own transaction."""

from appointments.events import BatchItemAsked, BatchUndoAsked
from appointments.services.batches.working import undo_item, work_item
from mediconnect.outbox.models import Fact


def work_batch_item(fact: Fact) -> None:
    """Cancel or move the visit, or note why it was refused; what was done or stopped already is left alone."""
    work_item(item_id=fact.read(BatchItemAsked).item_id)


def undo_batch_item(fact: Fact) -> None:
    """Take the visit's cancellation back, where that can still be done."""
    event = fact.read(BatchUndoAsked)
    undo_item(item_id=event.item_id, by_id=event.by_id)
