"""Screens of a waiting room: opened by a secret address that is shown once and can be revoked."""

import hashlib
import secrets
import uuid
from typing import Final

from django.utils import timezone

from appointments.locks import lock_screen
from appointments.models import CallScreen
from mediconnect.errors import Invalid
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller

# 128 random bits are 22 characters: nobody finds a screen by trying.
_BYTES: Final = 16
LONGEST_NAME: Final = 60


def screen_hash(secret: str) -> str:
    """Return what is kept of a screen's secret: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


def open_screen(*, clinic_id: uuid.UUID, name: str, caller: Caller) -> tuple[CallScreen, str]:
    """Return a new screen of the clinic, and the secret of its address, which is nowhere kept.

    From the first screen on, whoever arrives at the clinic is given a number. Raises `Invalid` for a name that is empty or
    too long.
    """
    name = name.strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid.field("name", f"Say where the screen hangs, in {LONGEST_NAME} letters at most.")
    secret = secrets.token_urlsafe(_BYTES)

    def work() -> CallScreen:
        screen: CallScreen = CallScreen.objects.create(
            clinic_id=clinic_id, name=name, secret_hash=screen_hash(secret), created_by_id=caller.signed_in_id
        )
        return screen

    return decide(work, actor_id=caller.user_id, request_id=current_request_id()), secret


def revoke_screen(*, screen_id: uuid.UUID, clinic_id: uuid.UUID, caller: Caller) -> CallScreen:
    """Close a screen's address for good and return it; one that is closed stays as it is. Raises `NotFound`."""

    def work() -> CallScreen:
        screen = lock_screen(screen_id, clinic_id=clinic_id)
        if screen.revoked_at is None:
            screen.revoked_at = timezone.now()
            screen.save(update_fields=["revoked_at"])
        return screen

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())
