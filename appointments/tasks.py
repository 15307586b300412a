"""The queue's door to what is looked after each minute."""

from .services.displacing.ending import sweep_proposals
from .services.sweeping import sweep_holds
from .services.telling_late import tell_late_by_themselves
from .services.waitlist.repairing import sweep_waitlist


def release_expired_holds() -> None:
    """Take away the holds that have run out."""
    sweep_holds()


def end_proposals() -> None:
    """End what was proposed to displaced visits and nobody answered, where no fact did."""
    sweep_proposals()


def tell_late() -> None:
    """Tell whoever is likely to be seen late, in clinics that want it."""
    tell_late_by_themselves()


def mend_waitlist() -> None:
    """Put right what a lost fact or a killed worker left behind on the waitlist."""
    sweep_waitlist()
