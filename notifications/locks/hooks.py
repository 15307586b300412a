"""Who may make a call to a clinic's program: a lease for the time of the call, row locks for decision and outcome."""

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

from django.db import connection

from mediconnect.errors import NotFound
from notifications.models import Hook, HookCall

LEASE_SECONDS: Final = 30
"""Three times the longest call (10 s), so that a live sender never loses its lease."""

# For each address its oldest call is one look into an index, so a thousand calls of one that is paused or resting are
# never read. Lapsed leases first: whoever held one is gone.
_TAKE: Final = """
WITH lapsed AS (
    SELECT call.id, call.attempts FROM notifications_hookcall AS call
    WHERE call.state = 'sending' AND call.lease_until < statement_timestamp()
    ORDER BY call.lease_until LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), hook AS (
    SELECT hook.id FROM notifications_hook AS hook
    LEFT JOIN notifications_hookstanding AS standing ON standing.hook_id = hook.id
    CROSS JOIN LATERAL (
        SELECT due_at FROM notifications_hookcall
        WHERE hook_id = hook.id AND state IN ('queued', 'waiting') ORDER BY due_at, id LIMIT 1
    ) AS oldest
    WHERE hook.active AND hook.paused_at IS NULL AND hook.id <> ALL(%(busy)s::uuid[])
      AND (standing.rests_until IS NULL OR standing.rests_until <= statement_timestamp())
      AND oldest.due_at <= statement_timestamp() AND NOT EXISTS (SELECT FROM lapsed)
    ORDER BY oldest.due_at LIMIT 1
), due AS (
    SELECT call.id, call.attempts FROM notifications_hookcall AS call
    WHERE call.hook_id = (SELECT id FROM hook) AND call.state IN ('queued', 'waiting')
      AND call.due_at <= statement_timestamp()
    ORDER BY call.due_at, call.id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
), next AS (SELECT * FROM lapsed UNION ALL SELECT * FROM due LIMIT 1)
UPDATE notifications_hookcall AS call
SET state = 'sending', attempts = next.attempts + 1, reason = '', lease_token = gen_random_uuid(),
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
FROM next WHERE call.id = next.id
RETURNING call.id, call.lease_token, call.attempts
"""

_TAKE_ONE: Final = """
UPDATE notifications_hookcall
SET state = 'sending', attempts = attempts + 1, lease_token = gen_random_uuid(),
    lease_until = statement_timestamp() + %(lease)s * interval '1 second'
WHERE id = %(call)s AND state = 'queued'
RETURNING id, lease_token, attempts
"""

_TURN: Final = "SELECT pg_try_advisory_lock(hashtextextended('hook calls', 0))"
_TURN_OVER: Final = "SELECT pg_advisory_unlock(hashtextextended('hook calls', 0))"


@dataclass(frozen=True, slots=True)
class TakenCall:
    """A leased call. `attempt` counts this one."""

    id: uuid.UUID
    token: uuid.UUID
    attempt: int


def take_call(*, busy: Collection[uuid.UUID] = ()) -> TakenCall | None:
    """Lease the call that has been due longest, of none of the `busy` addresses, and count the attempt; None if none is due.

    Calls of addresses that are paused, removed or resting are passed over. Must commit before anything else is done
    with it: then whoever dies of it has still used up an attempt.
    """
    return _taken(_TAKE, {"busy": list(busy), "lease": LEASE_SECONDS})


def take_this_call(call_id: uuid.UUID) -> TakenCall | None:
    """Lease a call that was just queued, whatever is known of its address; None if somebody else has it already."""
    return _taken(_TAKE_ONE, {"call": call_id, "lease": LEASE_SECONDS})


def hold_call(taken_id: uuid.UUID, token: uuid.UUID) -> HookCall | None:
    """Lock the leased call until the transaction ends; None if the lease was lost."""
    leased = HookCall.objects.filter(pk=taken_id, state=HookCall.State.SENDING, lease_token=token)
    return leased.select_for_update(of=("self",), no_key=True).first()


def lock_hook(hook_id: uuid.UUID) -> Hook:
    """Queue for an address that was not removed and return it as it is now; raises `NotFound`."""
    hook = Hook.objects.filter(pk=hook_id, active=True).select_for_update(of=("self",), no_key=True).first()
    if hook is None:
        raise NotFound
    return hook


@contextmanager
def one_turn() -> Iterator[bool]:
    """Say whether this process may make calls now: one turn in the whole fleet at a time, freed by its end or its death.

    So that however many are woken, waiting for receivers keeps one worker and no more. The lock is the connection's.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TURN)
        mine: bool = cursor.fetchone()[0]
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute(_TURN_OVER)


def _taken(statement: str, parameters: dict[str, object]) -> TakenCall | None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)  # type: ignore[arg-type]  # ids, lists of them and numbers
        row = cursor.fetchone()
    return TakenCall(*row) if row else None
