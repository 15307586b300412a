"""Locks of operations: one worker at an import at a time."""

import uuid

from mediconnect.operations.models import ImportRow, ImportRun


def take_run(*, state: str) -> ImportRun | None:
    """Return the oldest import in this state that no other worker is at, locked until the transaction ends; None without one.

    A worker that dies lets it go with its connection.
    """
    rows = ImportRun.objects.select_for_update(no_key=True, of=("self",), skip_locked=True)
    return rows.filter(state=state).order_by("created_at").first()


def lock_run(run_id: uuid.UUID, clinic_id: uuid.UUID) -> ImportRun | None:
    """Return an import of the clinic as it is now, locked until the transaction ends, or None."""
    rows = ImportRun.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(pk=run_id, clinic=clinic_id).first()


def next_row(run: ImportRun) -> ImportRow | None:
    """Return the next row of a locked import that is to be written; None when all are."""
    rows = ImportRow.objects.select_for_update(no_key=True, of=("self",))
    return rows.filter(run=run, outcome="").exclude(verdict="").order_by("number").first()
