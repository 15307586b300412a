"""Switch a guard off, to show what it keeps away; it is back at its post whatever happens."""

import itertools
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from typing import Any, Final

import pytest
from django.db import Error, connection

from appointments.locks import lock_resources
from appointments.queries.series.planning import planned
from appointments.services import booking, holding, moving, moving_back, undoing, walk_in
from appointments.services.series import booking as series_booking
from mediconnect.resilience import transactions

_LOCKING: Final = (booking, holding, moving, moving_back, undoing, walk_in, series_booking)


# Whatever speaks of visits: what a guard would have refused goes before the guard returns.
_WRITTEN: Final = (
    "appointments_appointment, appointments_claim, appointments_hold, appointments_session, idempotency_idempotencyrecord, "
    "outbox_fact, outbox_delivery, records_change"
)


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def wipe() -> None:
    """Forget every visit, hold, answer and fact."""
    _run(f"TRUNCATE {_WRITTEN} CASCADE")


@contextmanager
def without_locks() -> Iterator[None]:
    """Let nobody queue: services look and write as they come."""
    with pytest.MonkeyPatch.context() as patch:
        for module in _LOCKING:
            patch.setattr(module, "lock_resources", lambda _resources: None)
            for name in ("lock_patient", "lock_patient_of"):
                if hasattr(module, name):
                    patch.setattr(module, name, lambda _patient: None)
        yield


@contextmanager
def without_constraint(table: str, name: str) -> Iterator[None]:
    """Take the constraint away; afterwards all visits are emptied, since those it would refuse keep it from returning."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
                   format('ALTER TABLE %%s ADD CONSTRAINT %%I %%s', conrelid::regclass, conname, pg_get_constraintdef(oid))
            FROM pg_constraint WHERE conname = %(name)s AND conrelid = %(table)s::regclass
            UNION ALL
            SELECT format('DROP INDEX %%I', relname), pg_get_indexdef(oid) FROM pg_class
            WHERE relkind = 'i' AND relname = %(name)s AND oid NOT IN (SELECT conindid FROM pg_constraint)
            """,
            {"name": name, "table": table},
        )
        ((drop, restore),) = cursor.fetchall()
    _run(drop)
    try:
        yield
    finally:
        wipe()
        _run(restore)


@contextmanager
def without_triggers(table: str, *names: str) -> Iterator[None]:
    """Let the triggers of these names sleep; afterwards all visits are emptied."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgname LIKE ANY (%s)",
            [table, [f"%{name}%" for name in names]],
        )
        found = [name for (name,) in cursor.fetchall()]
    assert len(found) == len(names), found
    with ExitStack() as stack:
        for name in found:
            _run(f'ALTER TABLE {table} DISABLE TRIGGER "{name}"')
            stack.callback(_run, f'ALTER TABLE {table} ENABLE TRIGGER "{name}"')
        stack.callback(wipe)
        yield


@contextmanager
def everybody_looks_before_anybody_writes(clients: int, *, seconds: float = 0.5) -> Iterator[None]:
    """Stretch the moment between looking and writing: whoever has looked waits for the others, so many seconds at most.

    With the guard off all of them have looked by then; with it on they come one by one and wait in vain.
    """
    together = threading.Barrier(clients)

    def stretched(look: Callable[..., Any]) -> Callable[..., Any]:
        def run(*wish: Any) -> Any:
            seen = look(*wish)
            # Broken once somebody waited in vain: the guard works, and nobody waits again.
            with suppress(threading.BrokenBarrierError):
                together.wait(seconds)
            return seen

        return run

    with pytest.MonkeyPatch.context() as patch:
        for module in (booking, holding, moving, moving_back):
            patch.setattr(module, "situation_of", stretched(module.situation_of))
        patch.setattr(series_booking, "planned", stretched(planned))
        yield


@contextmanager
def counted_errors() -> Iterator[Counter[str]]:
    """Yield the count, by SQLSTATE, of what the database refuses while bookings run."""
    seen: Counter[str] = Counter()

    def counting(execute: Callable[..., Any], *arguments: Any) -> Any:
        try:
            return execute(*arguments)
        except Error as error:
            seen[transactions.sqlstate(error)] += 1
            raise

    def watched(work: Callable[[], Any], **words: Any) -> Any:
        with connection.execute_wrapper(counting):
            return transactions.decide(work, **words)

    with pytest.MonkeyPatch.context() as patch:
        for module in _LOCKING:
            patch.setattr(module, "decide", watched)
        yield seen


@contextmanager
def moves_that_lock_in_two_orders() -> Iterator[None]:
    """Let one of two moves lock what it needs from the front and the other from the back, each once the other has begun."""
    turns, begun = itertools.count(), threading.Barrier(2)

    def lock(resources: Iterable[uuid.UUID]) -> None:
        first, *rest = sorted(set(resources), reverse=bool(next(turns) % 2))
        lock_resources([first])
        with suppress(threading.BrokenBarrierError):
            begun.wait(0.5)
        for resource in rest:
            lock_resources([resource])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(moving, "lock_resources", lock)
        yield
