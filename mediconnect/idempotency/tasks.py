"""The queue's door to the reaping of old keys."""

from .services.reaping import reap


def reap_expired() -> None:
    """Forget the answers whose time is over."""
    reap()
