"""What pages and services ask about accounts."""

import uuid

from django.utils import timezone

from mediconnect.accounts.models import Authenticator, Invitation, RecoveryCode, Session
from mediconnect.accounts.models.session import SessionQuerySet


def open_invitation(invitation_id: uuid.UUID) -> Invitation | None:
    """Return the invitation if it can still be used, else None."""
    return Invitation.objects.filter(
        pk=invitation_id,
        used_at=None,
        revoked_at=None,
        expires_at__gt=timezone.now(),
    ).first()


def live_sessions(user_id: uuid.UUID) -> SessionQuerySet:
    """Return the user's sessions that would still be let in, last used first."""
    return Session.objects.of(user_id).live(timezone.now()).order_by("-last_seen_at")


def recovery_codes_left(user_id: uuid.UUID) -> int | None:
    """Return how many recovery codes the user has left; None without a second factor."""
    if not Authenticator.objects.filter(user=user_id).exclude(confirmed_at=None).exists():
        return None
    return RecoveryCode.objects.filter(user=user_id, used_at=None).count()
