"""Import the rows that were chosen: each in a transaction of its own that also says so, hence once, whatever dies."""

import json
import logging
import time
import uuid
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_noop

from mediconnect.errors import DomainError, Invalid, NotFound, TryAgain, VersionConflict
from mediconnect.operations.errors import ImportNotReady, NothingToImport
from mediconnect.operations.locks import lock_run, next_row, take_run
from mediconnect.operations.models import ImportRow, ImportRun, Verdict
from mediconnect.outbox.services.waking import wake
from mediconnect.portal.sentences import for_people
from mediconnect.records.acting import declare_actor
from mediconnect.resilience.transactions import decide
from patients.errors import PossibleDuplicate

from .findings import Finding, findings_of
from .kinds import KINDS, Order
from .looking import counted, look_at_batch, scene_of
from .receiving import BELL

log = logging.getLogger(__name__)

# A turn ends well inside the queue's time limit for a task (30 s), and before a stop's grace is over (20 s).
_TURN_SECONDS: Final = 8.0

_CHANGED: Final = gettext_noop(
    "Somebody changed this record after the file was looked at. Upload the row again to see how it stands now."
)
_KNOWN_MEANWHILE: Final = gettext_noop(
    "May be somebody who was registered after the file was looked at. Upload the row again to compare."
)
_UNEXPECTED: Final = gettext_noop("This row could not be written, and it is our mistake. Nothing of it was.")
_TAKEN_AGAIN: Final = 3  # times that a row is taken up again when the database was busy


def ask(*, run_id: uuid.UUID, clinic_id: uuid.UUID, with_doubtful: bool, by_id: uuid.UUID) -> ImportRun:
    """Let the good rows of an import be imported, and those that may be there already if that is wished; return it.

    Raises `NotFound`, `ImportNotReady` unless it waits for this, and `NothingToImport`. Runs in the caller's transaction.
    """
    run = _checked(run_id, clinic_id)
    wanted = {Verdict.NEW, Verdict.CHANGE} | ({Verdict.DOUBTFUL} if with_doubtful else set())
    if not ImportRow.objects.filter(run=run, verdict__in=wanted).exists():
        raise NothingToImport
    ImportRow.objects.filter(run=run).exclude(verdict__in=wanted).update(outcome=ImportRow.Outcome.LEFT)
    run.state, run.with_doubtful = ImportRun.State.IMPORTING, with_doubtful
    run.asked_by_id, run.asked_at = by_id, timezone.now()
    run.save(update_fields=["state", "with_doubtful", "asked_by", "asked_at"])
    wake(bell=BELL)
    return run


def drop(*, run_id: uuid.UUID, clinic_id: uuid.UUID) -> ImportRun:
    """Give an import up that was not asked for, and delete its rows; return it. Raises `NotFound` and `ImportNotReady`."""
    run = _checked(run_id, clinic_id)
    ImportRow.objects.filter(run=run).delete()
    run.state, run.emptied_at, run.file_name, run.header = ImportRun.State.DROPPED, timezone.now(), "", ""
    run.save(update_fields=["state", "emptied_at", "file_name", "header"])
    return run


def _checked(run_id: uuid.UUID, clinic_id: uuid.UUID) -> ImportRun:
    run = lock_run(run_id, clinic_id)
    if run is None:
        raise NotFound
    if run.state != ImportRun.State.CHECKED or run.emptied_at is not None:
        raise ImportNotReady
    return run


def take_turn() -> bool:
    """Look at, or write, rows of the imports under way for some seconds; return whether some are left for another turn."""
    stop_at = time.monotonic() + _TURN_SECONDS
    while time.monotonic() < stop_at:
        if not (look_at_batch() or write_next()):
            return False
    return True


def write_next() -> bool:
    """Write the next row of the oldest import that was asked for; return whether there was one."""
    for attempt in range(1, _TAKEN_AGAIN + 1):
        try:
            return _write_one(give_up=attempt == _TAKEN_AGAIN)
        except TryAgain:
            log.warning("a row of an import waits: the database is busy")
    return True


def _write_one(*, give_up: bool) -> bool:
    """Write one row in its transaction. Raises `TryAgain` where the database is busy, unless it was asked often enough."""
    taken: list[int] = []

    def work() -> bool:
        taken.clear()
        run = take_run(state=ImportRun.State.IMPORTING)
        if run is None:
            return False
        row = next_row(run)
        if row is None:
            _finish(run)
            return True
        taken.append(row.pk)
        declare_actor(actor_id=run.asked_by_id, reason="import")
        _write(run, row)
        return True

    try:
        return decide(work, actor_id=None, fresh_reads=True)
    except TryAgain:
        if not taken or not give_up:
            raise
        _fail(taken[0], Finding(TryAgain.sentence))
    except Exception as error:  # whatever a row does to a service is that row's failure, not the import's
        if not taken:
            raise
        log.error("a row of an import failed: %s", type(error).__name__)  # noqa: TRY400 - a traceback would quote the row
        _fail(taken[0], Finding(_UNEXPECTED))
    return True


def _write(run: ImportRun, row: ImportRow) -> None:
    """Write a row through the services, in a savepoint: a refusal leaves the transaction that says so."""
    told = json.loads(row.told)
    order = Order(verdict=Verdict(row.verdict), plan=told["plan"], target=row.target, seen=row.seen)
    try:
        with transaction.atomic():
            row.target = KINDS[run.kind].write(scene_of(run, run.clinic), order)
    except TryAgain:
        raise
    except DomainError as error:
        told["findings"] = [finding.packed() for finding in _why(error)]
        row.outcome, row.told = ImportRow.Outcome.FAILED, json.dumps(told)
    else:
        row.outcome = ImportRow.Outcome.WRITTEN
    row.save(update_fields=["outcome", "target", "told"])


def _why(error: DomainError) -> list[Finding]:
    if isinstance(error, VersionConflict):
        return [Finding(_CHANGED)]
    if isinstance(error, PossibleDuplicate):
        return [Finding(_KNOWN_MEANWHILE)]
    if isinstance(error, Invalid):
        return findings_of(error, _COLUMNS)
    return [Finding(for_people(error)[1])]


# Where a field of a service stands in our tables.
_COLUMNS: Final[Mapping[str, str]] = {
    "start_time": "start",
    "end_time": "end",
    "rrule": "rule",
    "appointment_type": "type",
    "value": "phone",
}


def _fail(row_id: int, finding: Finding) -> None:
    """Say why a row could not be written, unless another worker wrote it meanwhile."""
    row = ImportRow.objects.get(pk=row_id)
    told: dict[str, Any] = json.loads(row.told)
    told["findings"] = [finding.packed()]
    unwritten = ImportRow.objects.filter(pk=row_id, outcome="")
    unwritten.update(outcome=ImportRow.Outcome.FAILED, told=json.dumps(told))


def _finish(run: ImportRun) -> None:
    run.state, run.finished_at = ImportRun.State.DONE, timezone.now()
    run.counts = {**counted(run, "verdict"), **counted(run, "outcome")}
    run.save(update_fields=["state", "finished_at", "counts"])
