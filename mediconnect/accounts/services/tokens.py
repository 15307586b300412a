"""Hand out bearer tokens outside the OAuth flow: for scripts and support, and never without a trace."""

import logging
import secrets
from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from oauth2_provider.models import AccessToken

from mediconnect.accounts.errors import TokenRefused
from mediconnect.accounts.models import TokenIssue, User
from mediconnect.accounts.oauth import PATIENT_SCOPES
from mediconnect.accounts.one_time import digest

log = logging.getLogger(__name__)

# A day: long enough for a load test or a support case, short enough to be forgotten safely.
LONGEST_SECONDS = 24 * 60 * 60


def issue_token(*, email: str, scopes: list[str], seconds: int, issued_by: str) -> str:
    """Return a new bearer token for this user, good for so many seconds (at most a day).

    The token is nowhere but in the answer; an audit row and a log line say who asked. Raises `TokenRefused` for an
    unknown or disabled user, a scope that is not for patients, or a life out of bounds.
    """
    unknown = sorted(set(scopes) - set(PATIENT_SCOPES))
    if unknown:
        raise TokenRefused(detail=f"Not a scope for patients: {', '.join(unknown)}.")
    if not 1 <= seconds <= LONGEST_SECONDS:
        raise TokenRefused(detail=f"A token lives from 1 to {LONGEST_SECONDS} seconds.")
    user = User.objects.filter(email=email, is_active=True).first()
    if user is None:
        raise TokenRefused
    token = secrets.token_urlsafe(32)
    expires = timezone.now() + timedelta(seconds=seconds)
    checksum, scope = digest(token), " ".join(sorted(scopes))
    with transaction.atomic():
        AccessToken.objects.create(user=user, token="", token_checksum=checksum, scope=scope, expires=expires)
        audit = TokenIssue.objects.create(
            user=user,
            token_checksum=checksum,
            scope=scope,
            issued_by=issued_by,
            expires_at=expires,
        )
    log.warning("access token issued: audit=%s user=%s by=%s scope=%s", audit.pk, user.pk, issued_by, scope)
    return token
