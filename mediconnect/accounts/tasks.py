"""What the schedule calls for accounts."""

from datetime import timedelta

from django.utils import timezone
from oauth2_provider.models import clear_expired

from mediconnect.accounts.models import Invitation, PasswordReset, SignInAttempts
from mediconnect.accounts.sessions import SessionStore


def clean_up() -> None:
    """Delete sessions, tokens, links and counters whose end lies far enough back that nobody asks any more."""
    SessionStore.clear_expired()
    clear_expired()
    now = timezone.now()
    PasswordReset.objects.filter(expires_at__lt=now - timedelta(days=30)).delete()
    Invitation.objects.filter(expires_at__lt=now - timedelta(days=30), used_at=None).delete()
    SignInAttempts.objects.filter(updated_at__lt=now - timedelta(days=1)).delete()
