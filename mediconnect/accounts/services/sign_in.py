"""Let people in: password first, second factor where it is due, then a session of its own."""

from django.conf import settings
from django.contrib.auth import login
from django.contrib.auth.hashers import make_password
from django.http import HttpRequest

from mediconnect.accounts import ports
from mediconnect.accounts.errors import SignInRefused
from mediconnect.accounts.models import Authenticator, User
from mediconnect.accounts.rules import PATIENT_IDLE, STAFF_IDLE
from mediconnect.accounts.services.attempts import count_sign_in, forgive_sign_in
from mediconnect.accounts.sessions import EPOCH_KEY, IDLE_KEY

_BACKEND = "django.contrib.auth.backends.ModelBackend"


def check_password(*, email: str, password: str, address: str) -> User:
    """Return the user that this pair belongs to; raises `SignInRefused` or `TooManyAttempts`.

    The try is counted before it is looked at. An unknown address costs one password hash like a known one.
    """
    count_sign_in(email=email, address=address)
    user = User.objects.filter(email=email).first()
    if user is None:
        make_password(password)
        raise SignInRefused
    if not user.check_password(password) or not user.is_active or user.email_verified_at is None:
        raise SignInRefused
    forgive_sign_in(email=email, address=address)
    # A hash of an older strength was rewritten just now, and the epoch rose with it.
    user.refresh_from_db(fields=["session_epoch", "password"])
    return user


def second_factor_of(user: User) -> str:
    """Return `verify` where a code is due, `enrol` where one must be set up first, or an empty string."""
    if Authenticator.objects.filter(user=user).exclude(confirmed_at=None).exists():
        return "verify"
    return "enrol" if _must_have_second_factor(user) else ""


def _must_have_second_factor(user: User) -> bool:
    if not settings.SECOND_FACTOR_REQUIRED or user.second_factor_exempt:
        return False
    return user.is_superuser or ports.principals().must_have_second_factor(user.pk)


def open_session(request: HttpRequest, user: User) -> None:
    """Sign the user in on this browser under a new session key, which ends whatever the old key had.

    Staff are signed out after 15 idle minutes, patients after 30.
    """
    epoch = user.session_epoch
    staff = user.is_superuser or user.is_staff or ports.principals().by_user(user.pk).kind == "staff"
    login(request, user, backend=_BACKEND)
    request.session[EPOCH_KEY] = epoch
    request.session[IDLE_KEY] = int((STAFF_IDLE if staff else PATIENT_IDLE).total_seconds())
