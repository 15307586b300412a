"""What notifications do when they hear a fact. The names here are stored with each delivery: they stay."""

from .accounts import (
    write_account_code,
    write_colleague_invited,
    write_email_check,
    write_invitation,
    write_password_changed,
    write_password_reset,
)

__all__ = [
    "write_account_code",
    "write_colleague_invited",
    "write_email_check",
    "write_invitation",
    "write_password_changed",
    "write_password_reset",
]
