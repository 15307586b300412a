"""Merge: lock both records and what hangs on them, look once more, move, and remember every line of it."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from patients.errors import BirthDatesDiffer, ChangedMeanwhile, MergeConflict
from patients.events import PatientChanged, PatientsMerged
from patients.locks import lock_both, lock_rows, wait_for_writers
from patients.models import Merge, Patient
from patients.ports import merge_steps
from patients.rules.merging import Conflict, Line, MergeChoices, Pair, chosen_side
from patients.services.contacts import touch

from .following import contacts_follow, register_where_known, rights_follow
from .lines import rewrite
from .looking import Clinics, check_two, conflicts_of, differ, raise_for_one
from .person import close_record, settle_account, write_person


def merge_patients(
    *,
    kept_id: uuid.UUID,
    gone_id: uuid.UUID,
    choices: MergeChoices,
    version: int,
    by_id: uuid.UUID,
    within: Clinics,
    today: dt.date,
) -> Merge:
    """Let the record `gone_id` become part of `kept_id`, all of it or nothing, and return the merge.

    `version` is the kept record's as it was seen; `within` the clinics whose desks the caller works at (None: all).
    Everything that refers to the one refers to the other afterwards; for 30 days `undo_merge` takes it back. A booking
    for the one that is under way is either done before and follows, or is refused with `Merged`.

    Raises `NotFound` unless a clinic of the caller's knows both, `ChangedMeanwhile`, `MergeConflict` with what keeps them
    apart, `BirthDatesDiffer` unless the right day was typed, and `Invalid`.
    """
    raise_for_one(kept_id, gone_id)
    pair = Pair(kept_id, gone_id)
    return decide(
        lambda: _merge(pair, choices, version, by_id, within, today),
        actor_id=by_id,
        request_id=current_request_id(),
        fresh_reads=True,
    )


def _merge(pair: Pair, choices: MergeChoices, version: int, by_id: uuid.UUID, within: Clinics, today: dt.date) -> Merge:
    both = lock_both(pair.kept_id, pair.gone_id)
    kept, gone = both[pair.kept_id], both[pair.gone_id]
    check_two(kept, gone, within)
    if kept.version != version:
        raise ChangedMeanwhile(kept)
    _lock_what_hangs_on(pair)
    blocking = [one for one in conflicts_of(pair, within=within, today=today) if one.blocks]
    if blocking:
        raise MergeConflict(conflicts=shown(blocking))
    _check_birth_date(kept, gone, choices)
    lines = [*_rows_follow(pair), *contacts_follow(pair), *rights_follow(pair, today=today)]
    lines += [*write_person(kept, gone, choices), *settle_account(kept, gone, choices), *close_record(pair)]
    touch(pair.kept_id)
    merge = Merge.objects.create(kept=kept, gone=gone, merged_by_id=by_id, moved=lines)
    publish(PatientsMerged(merge_id=merge.pk), aggregate_id=pair.kept_id)
    publish(PatientChanged(patient_id=pair.kept_id), aggregate_id=pair.kept_id)
    return merge


def _lock_what_hangs_on(pair: Pair) -> None:
    """Queue for the rows of both records, table by table, then wait for whoever has just written a further one."""
    for step in merge_steps():
        for model in step.locked:
            rows: QuerySet[Any] = QuerySet(model).filter(patient__in=[pair.kept_id, pair.gone_id])
            lock_rows(model, list(rows.values_list("pk", flat=True)))
    wait_for_writers(pair.gone_id)


def _rows_follow(pair: Pair) -> list[Line]:
    """Move the rows of the apps above. Clinics know the kept record first: a visit is for a patient of its clinic."""
    lines = register_where_known(pair)
    for step in merge_steps():
        lines += step.settle(pair)
        for model in step.follows:
            lines += rewrite(QuerySet(model).filter(patient=pair.gone_id), patient_id=pair.kept_id)
    return lines


def _check_birth_date(kept: Patient, gone: Patient, choices: MergeChoices) -> None:
    """Raise `BirthDatesDiffer` unless the day that shall stand was typed, where two are on record."""
    if not differ(kept, gone):
        return
    side = chosen_side("birth_date", kept.birth_date, gone.birth_date, choices.sides)
    if choices.confirm_birth_date != (gone if side == "gone" else kept).birth_date:
        raise BirthDatesDiffer(birth_dates=[kept.birth_date, gone.birth_date])


def shown(conflicts: Sequence[Conflict]) -> list[dict[str, Any]]:
    """Return conflicts as a problem document lists them."""
    return [{"code": one.code, "ids": [str(key) for key in one.ids], "blocks": one.blocks} for one in conflicts]
