"""End sessions and tokens, for good."""

import uuid

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from oauth2_provider.models import (
    get_access_token_model,
    get_grant_model,
    get_refresh_token_model,
)

from mediconnect.accounts.events import UserDeactivated
from mediconnect.accounts.models import Session, User
from mediconnect.outbox import publish


def end_session(*, user_id: uuid.UUID, key_hash: str) -> bool:
    """End one session of this user; return whether it was still running. Another user's session is not found."""
    return bool(Session.objects.of(user_id).filter(pk=key_hash, revoked_at=None).update(**_ended()))


def end_other_sessions(*, user_id: uuid.UUID, keep: str) -> int:
    """End all sessions of this user but the one with the hash `keep`; return how many were ended."""
    return Session.objects.of(user_id).filter(revoked_at=None).exclude(pk=keep).update(**_ended())


@transaction.atomic
def end_everything(*, user_id: uuid.UUID) -> None:
    """End every session, access token, refresh token and pending grant of this user.

    The epoch rises first: a session that is being opened by an older sign-in at this moment is dead on arrival.
    """
    User.objects.filter(pk=user_id).update(session_epoch=F("session_epoch") + 1)
    Session.objects.of(user_id).filter(revoked_at=None).update(**_ended())
    get_grant_model().objects.filter(user_id=user_id).delete()
    get_refresh_token_model().objects.filter(user_id=user_id, revoked=None).update(revoked=timezone.now())
    get_access_token_model().objects.filter(user_id=user_id).delete()


@transaction.atomic
def deactivate_user(*, user_id: uuid.UUID) -> User:
    """Take away the right to sign in and end all that it had opened; raises `User.DoesNotExist`."""
    user = User.objects.get(pk=user_id)
    user.is_active = False
    user.save()
    end_everything(user_id=user.pk)
    publish(UserDeactivated(user_id=user.pk))
    user.refresh_from_db()
    return user


def _ended() -> dict[str, object]:
    return {"revoked_at": timezone.now(), "data": {}}
