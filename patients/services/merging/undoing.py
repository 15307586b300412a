"""Undo a merge: each row goes back where it still stands as the merge left it; what was changed since stays, and is told."""

import datetime as dt
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils import timezone

from mediconnect.accounts.models import Invitation, User
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from patients.errors import MergeFinal, MergeIsOver, MergeNotLast
from patients.events import PatientChanged, PatientsParted
from patients.locks import lock_both, lock_merge, lock_rows
from patients.models import ContactPoint, Dependant, Merge, Patient, Registration
from patients.ports import merge_steps
from patients.rules.merging import Line, final_from
from patients.services.contacts import touch

from .lines import Models, put_back, weighed
from .looking import Clinics
from .person import restore_person, stands

# Our own tables and what their rows are called in counts; those of the apps above are named by their steps.
_OWN: Final[Mapping[type[Model], str]] = {
    ContactPoint: "contacts",
    Dependant: "rights",
    Patient: "",
    User: "",
    Invitation: "",
}


@dataclass(frozen=True, slots=True)
class UndoPreview:
    """What undoing would do: rows that go back and rows that stay, by what they are called, at the caller's clinics.

    `fields` are what the kept record says by the merge's word and will say as before; `written` what somebody wrote anew.
    """

    merge: Merge
    back: Mapping[str, int]
    stays: Mapping[str, int]
    fields: Sequence[str]
    written: Sequence[str]
    final_from: dt.datetime


@dataclass(frozen=True, slots=True)
class Undone:
    """A merge that was undone, and what stays with the kept record since it was changed meanwhile."""

    merge: Merge
    stays: Mapping[str, int]


def look_at_undo(*, merge_id: uuid.UUID, within: Clinics) -> UndoPreview:
    """Return what undoing the merge would do now; raises `NotFound`, and what `undo_merge` raises."""
    merge = Merge.objects.select_related("kept", "gone", "merged_by").filter(pk=merge_id).first()
    if merge is None:
        raise NotFound
    _check(merge, merge.gone, within)
    rows, words, _registrations = _sorted(merge.moved)
    back, stays = weighed(rows, _models(), within=within)
    still = {line["column"]: stands(merge.kept, line) for line in words}
    return UndoPreview(
        merge=merge,
        back=_named(back),
        stays=_named(stays),
        fields=[name for name, so in still.items() if so],
        written=[name for name, so in still.items() if not so],
        final_from=final_from(merge.created_at),
    )


def undo_merge(*, merge_id: uuid.UUID, by_id: uuid.UUID, within: Clinics) -> Undone:
    """Let the two records stand apart again, and return the merge with what stays as it is.

    Each row goes back to the record it came from where its columns still are as the merge left them; whatever else
    happened to it meanwhile (a visit that was moved, confirmed, completed) it keeps. What came since stays with the kept
    record. Raises `NotFound`, `MergeFinal` after 30 days, `MergeIsOver`, and `MergeNotLast` where the kept record became
    part of another one since.
    """
    return decide(
        lambda: _undo(merge_id, by_id, within), actor_id=by_id, request_id=current_request_id(), fresh_reads=True
    )


def _undo(merge_id: uuid.UUID, by_id: uuid.UUID, within: Clinics) -> Undone:
    seen = Merge.objects.filter(pk=merge_id).first()
    if seen is None:
        raise NotFound
    both = lock_both(seen.kept_id, seen.gone_id)
    merge = lock_merge(merge_id)
    _check(merge, both[merge.gone_id], within)
    rows, words, registrations = _sorted(merge.moved)
    _lock(rows)
    stays = put_back(rows, _models())
    kept = Patient.objects.get(pk=merge.kept_id)
    stays += restore_person(kept, words)
    _forget(registrations)
    merge.undone_at, merge.undone_by_id = timezone.now(), by_id
    merge.save(update_fields=["undone_at", "undone_by"])
    touch(kept.pk)
    publish(PatientsParted(merge_id=merge.pk), aggregate_id=kept.pk)
    for patient_id in (merge.kept_id, merge.gone_id):
        publish(PatientChanged(patient_id=patient_id), aggregate_id=patient_id)
    told = Counter({(line["table"], line["id"]): 1 for line in stays})
    return Undone(merge, _named(Counter(table for table, _id in told)))


def _check(merge: Merge, gone: Patient, within: Clinics) -> None:
    theirs = Registration.objects.filter(patient=merge.gone_id)
    ours = Registration.objects.filter(patient=merge.kept_id, clinic__in=theirs.values("clinic"))
    if not (ours if within is None else ours.filter(clinic__in=within)).exists():
        raise NotFound
    if merge.undone_at is not None:
        raise MergeIsOver
    if timezone.now() > final_from(merge.created_at):
        raise MergeFinal
    if gone.merged_into_id != merge.kept_id:
        raise MergeNotLast(merged_into=gone.merged_into_id)


def _sorted(lines: Sequence[Line]) -> tuple[list[Line], list[Line], list[Line]]:
    """Return the lines about rows that moved, those about words of the kept record, and those about new registrations."""
    registration = Registration._meta.db_table
    words = [line for line in lines if "change" in line]
    made = [line for line in lines if line["table"] == registration]
    return [line for line in lines if "change" not in line and line["table"] != registration], words, made


def _lock(lines: Sequence[Line]) -> None:
    for step in merge_steps():
        for model in step.locked:
            lock_rows(model, {line["id"] for line in lines if line["table"] == model._meta.db_table})


def _forget(lines: Sequence[Line]) -> None:
    """Let clinics forget the kept record that knew it by the merge alone, unless a visit there says otherwise by now."""
    for line in lines:
        try:
            with transaction.atomic():
                Registration.objects.filter(pk=line["id"]).delete()
        except IntegrityError:
            continue


def _models() -> Models:
    models = [*_OWN, *(model for step in merge_steps() for model in step.follows)]
    return {model._meta.db_table: model for model in models}


def _named(counts: Mapping[str, int]) -> dict[str, int]:
    names = {model._meta.db_table: name for model, name in _OWN.items()}
    for step in merge_steps():
        names |= {model._meta.db_table: name for model, name in step.follows.items()}
    named = Counter[str]()
    for table, count in counts.items():
        if names.get(table) and count:
            named[names[table]] += count
    return dict(named)
