"""One effect per key: the key, the work and the answer are written in one transaction, or none of them is."""

from .decorator import idempotent

__all__ = ["idempotent"]
