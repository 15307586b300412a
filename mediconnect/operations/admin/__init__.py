"""What keeps the house running, for administrators: to read. The queue's own tables are taken out."""

from . import queue, verify_runs

__all__ = ["queue", "verify_runs"]
