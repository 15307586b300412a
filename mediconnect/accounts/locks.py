"""The one place where accounts hold a row while they decide."""

import uuid

from mediconnect.accounts.models import Invitation, User


def lock_user(user_id: uuid.UUID) -> User:
    """Return the user, locked until the transaction ends; raises `User.DoesNotExist`."""
    return User.objects.select_for_update(no_key=True).get(pk=user_id)


def lock_invitation(invitation_id: uuid.UUID) -> Invitation | None:
    """Return the invitation, locked until the transaction ends, or None."""
    return Invitation.objects.select_for_update(no_key=True).filter(pk=invitation_id).first()
