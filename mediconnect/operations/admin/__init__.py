"""What keeps the house running, for administrators: to read. The queue's own tables are taken out."""

from . import exchange, queue, verify_runs

__all__ = ["exchange", "queue", "verify_runs"]
