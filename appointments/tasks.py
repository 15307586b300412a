"""The queue's door to the sweeping of holds."""

from .services.sweeping import sweep_holds


def release_expired_holds() -> None:
    """Take away the holds that have run out."""
    sweep_holds()
