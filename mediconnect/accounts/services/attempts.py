"""Count tries before they are looked at, in the database, so that neither speed nor a lost cache buys any."""

import hashlib
from typing import Any

from django.db import connection
from django.utils import timezone

from mediconnect.accounts.errors import TooManyAttempts
from mediconnect.accounts.models import SignInAttempts
from mediconnect.accounts.rules import ACCOUNT, ACCOUNT_AND_ADDRESS, BIRTH_DATE, BIRTH_DATE_TRIES, RESETS, Pace

# One statement both asks and counts: the row's lock puts parallel tries in line, and a refused try changes nothing.
# An hour without any try forgives the failures before it.
_COUNT = """
INSERT INTO accounts_signinattempts AS known (key_hash, window_at, in_window, failures, wait_until, updated_at)
VALUES (%(key)s, clock_timestamp(), 1, 1, clock_timestamp() + %(first_wait)s, clock_timestamp())
ON CONFLICT (key_hash) DO UPDATE SET
    window_at = CASE WHEN known.window_at <= clock_timestamp() - interval '1 minute'
                     THEN clock_timestamp() ELSE known.window_at END,
    in_window = CASE WHEN known.window_at <= clock_timestamp() - interval '1 minute'
                     THEN 1 ELSE known.in_window + 1 END,
    failures = CASE WHEN known.updated_at <= clock_timestamp() - interval '1 hour' THEN 1 ELSE known.failures + 1 END,
    wait_until = clock_timestamp() + (%(waits)s::interval[])[least(
        CASE WHEN known.updated_at <= clock_timestamp() - interval '1 hour' THEN 1 ELSE known.failures + 1 END,
        %(last)s)],
    updated_at = clock_timestamp()
WHERE known.wait_until <= clock_timestamp()
  AND (known.window_at <= clock_timestamp() - interval '1 minute' OR known.in_window < %(per_minute)s)
RETURNING failures
"""

_WAIT = """
SELECT ceil(extract(epoch FROM greatest(
    wait_until,
    CASE WHEN in_window >= %(per_minute)s THEN window_at + interval '1 minute' ELSE wait_until END
) - clock_timestamp()))::int
FROM accounts_signinattempts WHERE key_hash = %(key)s
"""


def count_sign_in(*, email: str, address: str) -> None:
    """Count a try to sign in as this address from that network address; raises `TooManyAttempts`.

    Known and unknown accounts are counted alike. At most 10 a minute for the pair; waits as in `rules.py`.
    """
    _count(_key("pair", email, address), ACCOUNT_AND_ADDRESS)
    _count(_key("account", email), ACCOUNT)


def forgive_sign_in(*, email: str, address: str) -> None:
    """Forget the failures after a success; the minute's count stays, so a right password is no way round it."""
    keys = [_key("pair", email, address), _key("account", email)]
    SignInAttempts.objects.filter(pk__in=keys).update(failures=0, wait_until=timezone.now())


def count_reset(*, email: str, address: str) -> None:
    """Count a wish for a reset; raises `TooManyAttempts` above 3 a minute for an account or 10 from an address."""
    _count(_key("reset", email), RESETS)
    _count(_key("reset-from", address), ACCOUNT_AND_ADDRESS)


def count_second_factor(*, user_id: object) -> None:
    """Count a try at a second factor; raises `TooManyAttempts`. Whoever gets here knows the password already."""
    _count(_key("second-factor", str(user_id)), ACCOUNT_AND_ADDRESS)


def forgive_second_factor(*, user_id: object) -> None:
    """Forget the failures after a right code."""
    SignInAttempts.objects.filter(pk=_key("second-factor", str(user_id))).update(failures=0, wait_until=timezone.now())


def count_birth_date(*, link_hash: str) -> int:
    """Count a try at the birth date that a link asks for, and return how many are left after it.

    Raises `TooManyAttempts` once five were used, for an hour; an hour without a try forgives them.
    """
    return max(0, BIRTH_DATE_TRIES - _count(_key("birth-date", link_hash), BIRTH_DATE))


def forgive_birth_date(*, link_hash: str) -> None:
    """Forget the failures after the right date."""
    SignInAttempts.objects.filter(pk=_key("birth-date", link_hash)).update(failures=0, wait_until=timezone.now())


def _key(*parts: str) -> str:
    return hashlib.sha256("\n".join(part.strip().lower() for part in parts).encode()).hexdigest()


def _count(key: str, pace: Pace) -> int:
    # Every wait the pace knows, so that the statement can pick by its own count; 40 steps reach any longest wait.
    waits = [pace.wait_after(failures) for failures in range(1, pace.free + 40)]
    values: dict[str, Any] = {
        "key": key,
        "first_wait": waits[0],
        "waits": waits,
        "last": len(waits),
        "per_minute": pace.per_minute,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, values)
        if counted := cursor.fetchone():
            return int(counted[0])
        cursor.execute(_WAIT, values)
        row = cursor.fetchone()
    raise TooManyAttempts(retry_after=max(1, row[0] if row else 1))
