"""Send what is due: lease, decide by what is true now, make ready, call without a connection, record the outcome."""

from .turning import send_due

__all__ = ["send_due"]
