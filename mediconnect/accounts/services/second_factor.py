"""Set up and check the second factor."""

import base64
import secrets
import uuid

from django.db import transaction
from django.utils import timezone

from mediconnect.accounts import one_time
from mediconnect.accounts.errors import CodeWrong
from mediconnect.accounts.models import Authenticator, RecoveryCode, User
from mediconnect.accounts.rules import RECOVERY_CODES, matching_step
from mediconnect.accounts.services.attempts import count_second_factor, forgive_second_factor

# Without the letters and digits that look alike on paper.
_READABLE = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"


def begin_enrolment(*, user: User) -> Authenticator:
    """Return the authenticator to be confirmed: the one begun before, so a reloaded page shows the same code."""
    secret = base64.b32encode(secrets.token_bytes(20)).decode()
    authenticator, _ = Authenticator.objects.get_or_create(user=user, defaults={"secret": secret})
    return authenticator


def confirm_enrolment(*, user_id: uuid.UUID, code: str) -> list[str]:
    """Confirm a new authenticator by its first code; return ten recovery codes, which are shown this once.

    Raises `CodeWrong` (also for an authenticator confirmed before) and `TooManyAttempts`.
    """
    count_second_factor(user_id=user_id)
    with transaction.atomic():
        authenticator = Authenticator.objects.filter(user_id=user_id, confirmed_at=None).first()
        if authenticator is None or not _use_code(authenticator, code):
            raise CodeWrong
        Authenticator.objects.filter(pk=authenticator.pk).update(confirmed_at=timezone.now())
        codes = renew_recovery_codes(user_id=user_id)
    forgive_second_factor(user_id=user_id)
    return codes


@transaction.atomic
def renew_recovery_codes(*, user_id: uuid.UUID) -> list[str]:
    """Replace all recovery codes; return the new ones, the only time that they are readable."""
    RecoveryCode.objects.filter(user_id=user_id).delete()
    codes = ["-".join(_group() for _ in range(3)) for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user_id=user_id, code_hash=one_time.code_hash(code, owner=user_id)) for code in codes
    )
    return codes


def verify_second_factor(*, user_id: uuid.UUID, code: str) -> None:
    """Accept a current TOTP code or an unused recovery code, each once; raises `CodeWrong` or `TooManyAttempts`."""
    count_second_factor(user_id=user_id)
    typed = code.strip().upper().replace(" ", "")
    authenticator = Authenticator.objects.filter(user_id=user_id).exclude(confirmed_at=None).first()
    if not (authenticator and _use_code(authenticator, typed)) and not _use_recovery_code(user_id, typed):
        raise CodeWrong
    forgive_second_factor(user_id=user_id)


def _use_code(authenticator: Authenticator, code: str) -> bool:
    step = matching_step(authenticator.secret, code, now=timezone.now().timestamp(), after=authenticator.last_step)
    if step is None:
        return False
    # Compare and swap: of parallel uses of one code, one moves the step forward.
    return bool(Authenticator.objects.filter(pk=authenticator.pk, last_step__lt=step).update(last_step=step))


def _use_recovery_code(user_id: uuid.UUID, code: str) -> bool:
    hashed = one_time.code_hash(code, owner=user_id)
    unused = RecoveryCode.objects.filter(user_id=user_id, code_hash=hashed, used_at=None)
    return bool(unused.update(used_at=timezone.now()))


def _group() -> str:
    return "".join(secrets.choice(_READABLE) for _ in range(4))
