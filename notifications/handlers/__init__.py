"""What notifications do when they hear a fact. The names here are stored with each delivery: they stay."""

from .accounts import (
    write_account_code,
    write_colleague_invited,
    write_email_check,
    write_invitation,
    write_password_changed,
    write_password_reset,
)
from .visits import write_back, write_booked, write_cancelled, write_moved

__all__ = [
    "write_account_code",
    "write_back",
    "write_booked",
    "write_cancelled",
    "write_colleague_invited",
    "write_email_check",
    "write_invitation",
    "write_moved",
    "write_password_changed",
    "write_password_reset",
]
