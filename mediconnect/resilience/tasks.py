"""What runs by itself for breakers."""

from mediconnect.resilience.breaker.forced import mirror_overrides


def mirror_breakers() -> None:
    """Bring what is forced back to where calls ask for it, after a flush or a lost message."""
    mirror_overrides()
