"""What appointments do when they hear a fact. The names here are stored with each delivery: they stay."""

from .batches import undo_batch_item, work_batch_item
from .displacements import end_proposal, restore_after_closure, restore_after_hours, restore_after_time_off
from .waitlist import end_offer, offer_freed_time

__all__ = [
    "end_offer",
    "end_proposal",
    "offer_freed_time",
    "restore_after_closure",
    "restore_after_hours",
    "restore_after_time_off",
    "undo_batch_item",
    "work_batch_item",
]
