"""Facts: told in the transaction that makes them true, delivered to each listener once, or listed as dead."""

from .services.publishing import publish

__all__ = ["publish"]
