"""What notifications do when they hear a fact. The names here are stored with each delivery: they stay."""

from .accounts import (
    write_account_code,
    write_colleague_invited,
    write_email_check,
    write_invitation,
    write_password_changed,
    write_password_reset,
)
from .hooks import queue_hook_calls
from .line import write_late, write_place
from .notes import write_note
from .offers import write_offer, write_offer_over
from .proposals import write_proposal, write_proposal_over
from .visits import write_back, write_booked, write_cancelled, write_moved

__all__ = [
    "queue_hook_calls",
    "write_account_code",
    "write_back",
    "write_booked",
    "write_cancelled",
    "write_colleague_invited",
    "write_email_check",
    "write_invitation",
    "write_late",
    "write_moved",
    "write_note",
    "write_offer",
    "write_offer_over",
    "write_password_changed",
    "write_password_reset",
    "write_place",
    "write_proposal",
    "write_proposal_over",
]
