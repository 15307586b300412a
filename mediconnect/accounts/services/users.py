"""Make users and change what is said about them."""

import uuid
from typing import Any

from django.db import transaction
from django.utils import timezone

from mediconnect.accounts.locks import lock_user
from mediconnect.accounts.models import Authenticator, RecoveryCode, User
from mediconnect.accounts.services.endings import deactivate_user, end_everything
from mediconnect.errors import VersionConflict


@transaction.atomic
def invite_colleague(*, email: str, display_name: str, is_staff: bool = False) -> User:
    """Create a user without a password; the owner of the address sets one through "forgot your password"."""
    user = User(email=email, display_name=display_name, is_staff=is_staff)
    user.set_unusable_password()
    user.save(force_insert=True)
    return user


@transaction.atomic
def edit_user(*, user_id: uuid.UUID, version: int, **changes: Any) -> User:
    """Change columns of a user that was last seen at this version; raises `VersionConflict` if it moved on.

    A new address has to be verified again, and taking away `is_active` ends every session and token.
    """
    user = lock_user(user_id)
    if user.version != version:
        raise VersionConflict
    closing = user.is_active and changes.get("is_active") is False
    moved = "email" in changes and changes["email"].strip().lower() != user.email
    for name, value in changes.items():
        setattr(user, name, value)
    if moved:
        user.email_verified_at = None
    user.save()
    if closing:
        return deactivate_user(user_id=user_id)
    if moved:
        end_everything(user_id=user_id)
    return user


@transaction.atomic
def remove_second_factor(*, user_id: uuid.UUID) -> None:
    """Take away a lost second factor and end every session; whoever must have one sets it up at the next sign-in."""
    Authenticator.objects.filter(user_id=user_id).delete()
    RecoveryCode.objects.filter(user_id=user_id).delete()
    end_everything(user_id=user_id)


@transaction.atomic
def verify_address(*, user_id: uuid.UUID) -> User:
    """Take the address as verified, on the word of whoever runs this (the demo, an operator)."""
    user = lock_user(user_id)
    user.email_verified_at = user.email_verified_at or timezone.now()
    user.save()
    return user
