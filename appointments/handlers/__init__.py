"""What appointments do when they hear a fact. The names here are stored with each delivery: they stay."""

from .batches import undo_batch_item, work_batch_item
from .displacements import end_proposal

__all__ = ["end_proposal", "undo_batch_item", "work_batch_item"]
