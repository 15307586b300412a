"""What appointments do when they hear a fact. The names here are stored with each delivery: they stay."""

from .batches import undo_batch_item, work_batch_item

__all__ = ["undo_batch_item", "work_batch_item"]
