"""The queue's door to the sweeping of holds."""

from .services.sweeping import sweep_holds
from .services.telling_late import tell_late_by_themselves


def release_expired_holds() -> None:
    """Take away the holds that have run out."""
    sweep_holds()


def tell_late() -> None:
    """Tell whoever is likely to be seen late, in clinics that want it."""
    tell_late_by_themselves()
