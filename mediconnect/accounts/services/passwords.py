"""Set passwords: changed by their owner, reset by mail, never both known and kept."""

import uuid
from dataclasses import dataclass

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from mediconnect.accounts import one_time
from mediconnect.accounts.errors import AccountClosed, LinkInvalid, PasswordUnfit, SignInRefused
from mediconnect.accounts.events import ColleagueInvited, PasswordChanged, PasswordResetRequested
from mediconnect.accounts.locks import lock_user
from mediconnect.accounts.models import PasswordReset, User
from mediconnect.accounts.rules import INVITATION_LIFE, RESET_LIFE
from mediconnect.accounts.services.attempts import count_reset, count_sign_in
from mediconnect.accounts.services.endings import end_everything
from mediconnect.outbox import publish

_PURPOSE = "reset"


@dataclass(frozen=True, slots=True)
class ResetMail:
    """What the mail about a reset needs: whom it goes to, in which language, and the link's path."""

    recipient: str
    language: str
    path: str


def check_strength(password: str, *, user: User | None = None) -> None:
    """Raise `PasswordUnfit` with a sentence for each rule that the password breaks."""
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise PasswordUnfit(errors=list(error.messages)) from error


def change_password(*, user_id: uuid.UUID, current: str, new: str, address: str) -> User:
    """Replace a password whose owner knows the current one; every session and token ends, the caller's too.

    Raises `SignInRefused` for a wrong current password, `TooManyAttempts`, `PasswordUnfit`.
    """
    user = User.objects.get(pk=user_id)
    count_sign_in(email=user.email, address=address)
    if not user.check_password(current):
        raise SignInRefused(detail="The current password is not right.")
    check_strength(new, user=user)
    with transaction.atomic():
        return _set_password(user_id, make_password(new))


def request_reset(*, email: str, address: str) -> None:
    """Note that somebody wants a new password for this address, whether we know it or not, at the same cost.

    Raises `TooManyAttempts`. The mail follows from the fact; unknown and disabled accounts get none.
    """
    count_reset(email=email, address=address)
    with transaction.atomic():
        user = User.objects.filter(email=email, is_active=True).first()
        reset = PasswordReset.objects.create(user=user, expires_at=timezone.now() + RESET_LIFE)
        publish(PasswordResetRequested(reset_id=reset.pk))


@transaction.atomic
def write_to_colleague(*, user_id: uuid.UUID) -> PasswordReset:
    """Send somebody who shall work here the link that sets a first password, good for 14 days; earlier links end.

    The mail follows from the fact. Raises `AccountClosed` where the account may not sign in.
    """
    user = lock_user(user_id)
    if not user.is_active:
        raise AccountClosed
    now = timezone.now()
    PasswordReset.objects.filter(user=user, used_at=None).update(used_at=now)
    reset = PasswordReset.objects.create(user=user, expires_at=now + INVITATION_LIFE)
    publish(ColleagueInvited(reset_id=reset.pk))
    return reset


def mint_password_reset(*, reset_id: uuid.UUID) -> ResetMail | None:
    """Return the mail for this wish with a fresh link, or None where nobody is to be written to.

    Call it in the transaction that writes the mail: the link works only if both are kept. An earlier link dies.
    """
    reset = PasswordReset.objects.select_related("user").filter(pk=reset_id, used_at=None).first()
    if reset is None or reset.user is None or reset.expires_at <= timezone.now():
        return None
    token, hashed = one_time.new_token(_PURPOSE)
    PasswordReset.objects.filter(pk=reset_id).update(token_hash=hashed)
    path = reverse("accounts:reset-link", args=[token])
    return ResetMail(recipient=reset.user.email, language=reset.user.language, path=path)


def find_reset(*, token: str) -> PasswordReset:
    """Return the wish behind a link that would work now; raises `LinkInvalid`."""
    hashed = one_time.token_hash(_PURPOSE, token)
    reset = PasswordReset.objects.filter(token_hash=hashed, used_at=None).select_related("user").first()
    if hashed is None or reset is None or reset.user is None or reset.expires_at <= timezone.now():
        raise LinkInvalid
    return reset


def reset_password(*, token: str, new: str) -> User:
    """Set a new password by a link, once; raises `LinkInvalid` or `PasswordUnfit` (which leaves the link usable).

    Of any number of parallel uses one wins: the row's `used_at` is set only where it was empty. Receiving the mail
    proves the address. Other open wishes of the same user end with it.
    """
    reset = find_reset(token=token)
    check_strength(new, user=reset.user)
    password = make_password(new)
    with transaction.atomic():
        now = timezone.now()
        won = PasswordReset.objects.filter(pk=reset.pk, used_at=None, expires_at__gt=now).update(used_at=now)
        if not won or reset.user_id is None:
            raise LinkInvalid
        PasswordReset.objects.filter(user_id=reset.user_id, used_at=None).update(used_at=now)
        return _set_password(reset.user_id, password, verified=True)


def _set_password(user_id: uuid.UUID, password: str, *, verified: bool = False) -> User:
    user = lock_user(user_id)
    user.password = password
    if verified and user.email_verified_at is None:
        user.email_verified_at = timezone.now()
    user.save()
    end_everything(user_id=user_id)
    publish(PasswordChanged(user_id=user_id))
    user.refresh_from_db()
    return user
