"""Run the checks and tell what is broken: for `manage.py verify`, and for tests as the judge after every fault."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from django.db import connection, transaction

from .check import Check, Severity
from .checks import CHECKS

SHOWN: Final = 20

# Whole tables are sorted and compared; with the server's small default each check on a million visits would go by way of
# temporary files. And a check may take as long as it takes, whatever this process's other statements may.
_ROOM: Final = """
SELECT set_config('work_mem', '256MB', true), set_config('statement_timeout', '0', true),
       set_config('jit', 'off', true)
"""


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
    """One check after it ran: how long it took (seconds) and what it found, if anything."""

    check: Check
    seconds: float
    found: Broken | None


def examine(only: Collection[str] = ()) -> Iterator[Outcome]:
    """Run the checks of these names, or all of them, and yield each outcome as it is known.

    Each check is one statement and so sees one moment: bookings go on meanwhile and raise no false alarm.
    """
    for check in CHECKS:
        if not only or check.name in only:
            began = time.monotonic()
            found = _run(check)
            yield Outcome(check, time.monotonic() - began, found)


def broken(only: Collection[str] = ()) -> list[Broken]:
    """Return every promise that does not hold, errors before warnings; the empty list means that all is well."""
    found = [outcome.found for outcome in examine(only) if outcome.found is not None]
    return sorted(found, key=lambda one: one.severity != Severity.ERROR)


def _run(check: Check) -> Broken | None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(_ROOM)
        cursor.execute(
            f"SELECT offender::text, count(*) OVER () FROM ({check.sql}) AS found(offender) LIMIT {SHOWN}"  # noqa: S608
        )
        rows = cursor.fetchall()
    if not rows:
        return None
    return Broken(check.name, check.severity, rows[0][1], tuple(identifier for identifier, _ in rows))
