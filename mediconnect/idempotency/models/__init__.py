"""Keys and the answers given for them."""

from .record import IdempotencyRecord

__all__ = ["IdempotencyRecord"]
