"""Run the checks and tell what is broken: for `manage.py verify`, and for tests as the judge after every fault."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import OperationalError, connection, transaction

from mediconnect.resilience.transactions import sqlstate

from .check import Check, Severity
from .checks import CHECKS

SHOWN: Final = 20
QUERY_CANCELED: Final = "57014"  # SQLSTATE of a statement that ran into its time limit

# Whole tables are sorted and compared; with the server's small default each check on a million visits would go by way of
# temporary files. And a check may take as long as its caller says, whatever this process's other statements may.
_ROOM: Final = """
SELECT set_config('work_mem', '256MB', true), set_config('statement_timeout', %s, true),
       set_config('jit', 'off', true)
"""
_READ_ONLY: Final = "SELECT set_config('transaction_read_only', 'on', true)"


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that does not hold: its name, how many break it, and the first twenty of them."""

    name: str
    severity: Severity
    count: int
    ids: tuple[str, ...]

    def __str__(self) -> str:
        more = f" and {self.count - len(self.ids)} more" if self.count > len(self.ids) else ""
        return f"{self.name}: {', '.join(self.ids)}{more}"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One check after it ran: how long it took (seconds) and what it found, if anything.

    `finished` is false for one that was not done within its time: nothing is known of its promise then.
    """

    check: Check
    seconds: float
    found: Broken | None
    finished: bool = True


def examine(only: Collection[str] = (), *, limit_seconds: int = 0) -> Iterator[Outcome]:
    """Run the checks of these names, or all of them, and yield each outcome as it is known.

    Each check is one statement in a read-only transaction of its own and so sees one moment: bookings go on meanwhile and
    raise no false alarm. It may take `limit_seconds`; 0 is no limit.
    """
    for check in CHECKS:
        if not only or check.name in only:
            yield look_at(check, limit_seconds=limit_seconds)


def look_at(check: Check, *, limit_seconds: int = 0) -> Outcome:
    """Run one check and return its outcome, within the limit (0: none)."""
    began = time.monotonic()
    try:
        found, finished = _run(check, limit_seconds), True
    except OperationalError as error:
        if sqlstate(error) != QUERY_CANCELED:
            raise
        found, finished = None, False
    return Outcome(check, time.monotonic() - began, found, finished)


def broken(only: Collection[str] = ()) -> list[Broken]:
    """Return every promise that does not hold, errors before warnings; the empty list means that all is well."""
    found = [outcome.found for outcome in examine(only) if outcome.found is not None]
    return sorted(found, key=lambda one: one.severity != Severity.ERROR)


def _run(check: Check, limit_seconds: int) -> Broken | None:
    outermost = not connection.in_atomic_block  # inside a caller's transaction the caller may want to write afterwards
    with transaction.atomic(), connection.cursor() as cursor:
        if outermost:
            cursor.execute(_READ_ONLY)
        cursor.execute(_ROOM, [f"{limit_seconds}s"])
        cursor.execute(
            f"SELECT offender::text, count(*) OVER () FROM ({check.sql}) AS found(offender) LIMIT {SHOWN}"  # noqa: S608
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    return Broken(check.name, check.severity, rows[0][1], tuple(identifier for identifier, _ in rows))
