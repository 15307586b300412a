"""One decision, one transaction: opened with who acts, restarted where the database asks for it, refused in words."""

import random
import time
import uuid
from collections.abc import Callable
from contextvars import ContextVar
from typing import Final, TypeVar

from django.conf import settings
from django.db import Error, OperationalError, connection, transaction

from mediconnect.errors import TryAgain
from mediconnect.records.acting import declare_actor

Result = TypeVar("Result")

SERIALIZATION_FAILURE: Final = "40001"
DEADLOCK: Final = "40P01"
EXCLUSION: Final = "23P01"
UNIQUE: Final = "23505"

# A whole transaction is tried five times (reliability.md, C-3); more would only hold the caller's thread.
ATTEMPTS: Final = 5
_PAUSE_SECONDS: Final = (0.010, 0.200)


_deciding: ContextVar[bool] = ContextVar("deciding", default=False)


class Restart(Exception):  # a request to begin again, not an error
    """What was read is stale; only a fresh transaction may decide."""


def sqlstate(error: BaseException) -> str:
    """Return the SQLSTATE of a database error, or the empty string where the server sent none."""
    return getattr(error.__cause__, "sqlstate", None) or ""


def constraint(error: BaseException) -> str:
    """Return the name of the constraint that refused, or the empty string."""
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None) or ""


def snapshot_is_old() -> bool:
    """Return whether reads see the state before the transaction's locks were won: true under REPEATABLE READ."""
    return settings.BOOKING_ISOLATION == "repeatable-read"


def _wants_restart(error: Exception) -> bool:
    if isinstance(error, Restart):
        return True
    states = {SERIALIZATION_FAILURE, DEADLOCK} | ({EXCLUSION} if snapshot_is_old() else set())
    return sqlstate(error) in states


def decide(
    work: Callable[[], Result],
    *,
    actor_id: uuid.UUID | None,
    request_id: str = "",
    reason: str = "",
    fresh_reads: bool = False,
    sleep: Callable[[float], object] = time.sleep,
) -> Result:
    """Run the work in one transaction in which each change is recorded as this actor's, and return its result.

    Deadlocks and serialization failures restart the whole of it, five times at most with a pause of 10 to 200 ms;
    under REPEATABLE READ so does a lost exclusion, since an old snapshot may not decide who won. Raises `TryAgain` when
    the restarts are used up or a lock, statement or connection took too long; whatever else the work raises passes.

    `fresh_reads` keeps READ COMMITTED whatever bookings use: who edits openings must see what its locks waited for.

    Inside another decision the work joins it, and its outcome is the other's: who acts is declared, a restart is above.
    Inside any other open transaction (a test's, the admin's) it joins as well, and declares who acts.
    """
    if _deciding.get():
        return work()
    token = _deciding.set(True)
    try:
        if connection.in_atomic_block:
            declare_actor(actor_id=actor_id, request_id=request_id, reason=reason)
            return work()
        return _decide(work, actor_id, request_id, reason, sleep, snapshot=snapshot_is_old() and not fresh_reads)
    finally:
        _deciding.reset(token)


def _decide(
    work: Callable[[], Result],
    actor_id: uuid.UUID | None,
    request_id: str,
    reason: str,
    sleep: Callable[[float], object],
    *,
    snapshot: bool,
) -> Result:
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                if snapshot:
                    with connection.cursor() as cursor:
                        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
                declare_actor(actor_id=actor_id, request_id=request_id, reason=reason)
                return work()
        except (Error, Restart) as error:
            if not _wants_restart(error):
                if isinstance(error, OperationalError):
                    raise TryAgain from error
                raise
            if attempt == ATTEMPTS:
                raise TryAgain from error
            sleep(random.uniform(*_PAUSE_SECONDS))  # noqa: S311  # spreads restarts, guards nothing
    raise AssertionError  # pragma: no cover  # the loop returns or raises


def refusal(error: BaseException) -> tuple[str, str]:
    """Return (SQLSTATE, constraint name) of a refused write, for whoever turns it into a sentence."""
    return sqlstate(error), constraint(error)
