"""What is written about a person once: names, birth date, language, zone, notes; and who signs in."""

import uuid
from collections.abc import Sequence
from typing import Any

from django.utils import timezone

from mediconnect.accounts.models import Invitation, User
from mediconnect.accounts.services.endings import deactivate_user
from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import Change
from mediconnect.resilience.transactions import Restart
from patients.models import Patient
from patients.rules.identity import require_a_name
from patients.rules.merging import CHOSEN, Line, MergeChoices, Pair, chosen_side, joined_notes
from providers.models import Membership

from .lines import rewrite


def write_person(kept: Patient, gone: Patient, choices: MergeChoices) -> list[Line]:
    """Write what was chosen, and the notes of both, into the kept record, and return the lines; raises `Invalid`.

    A line names the row of the history that holds both sides, so that no word about anybody stands in the merge itself.
    """
    values: dict[str, Any] = {}
    for name in CHOSEN:
        ours, theirs = getattr(kept, name), getattr(gone, name)
        if ours != theirs and chosen_side(name, ours, theirs, choices.sides) == "gone":
            values[name] = theirs
    notes = joined_notes(kept.notes, gone.notes)
    if notes != kept.notes.strip():
        values["notes"] = notes
    return _kept_in_history(kept, values)


def _kept_in_history(patient: Patient, values: dict[str, Any]) -> list[Line]:
    if not values:
        return []
    for name, value in values.items():
        setattr(patient, name, value)
    require_a_name(patient.given_name, patient.family_name)
    patient.save(update_fields=sorted(values))
    change = Change.objects.of(patient).filter(version=patient.version).last()
    if change is None:
        raise Restart  # the history is written with the row; without it nothing could be taken back
    table = Patient._meta.db_table
    return [
        Line(table=table, id=str(patient.pk), column=name, before=None, after=None, change=change.pk) for name in values
    ]


def restore_person(patient: Patient, lines: Sequence[Line]) -> list[Line]:
    """Write into the kept record what stood there before, where nobody wrote it anew since; return the lines that stay."""
    changes = Change.objects.in_bulk({line["change"] for line in lines})
    stays, values = [], {}
    for line in lines:
        name, change = line["column"], changes[line["change"]]
        if getattr(patient, name) == _read(name, change.after.get(name)):
            values[name] = _read(name, change.before.get(name))
        else:
            stays.append(line)
    if values:
        for name, value in values.items():
            setattr(patient, name, value)
        patient.save(update_fields=sorted(values))
    return stays


def stands(patient: Patient, line: Line) -> bool:
    """Return whether the kept record still says what the merge wrote there."""
    change = Change.objects.filter(pk=line["change"]).first()
    return change is not None and getattr(patient, line["column"]) == _read(
        line["column"], change.after.get(line["column"])
    )


def _read(name: str, stored: Any) -> Any:
    """Return a value of the history as the model has it: opened where it was sealed."""
    field: Any = Patient._meta.get_field(name)
    if isinstance(field, EncryptedTextField):
        return field.from_db_value(stored, None, None)  # type: ignore[arg-type]  # neither is looked at
    return field.to_python(stored)


def settle_account(kept: Patient, gone: Patient, choices: MergeChoices) -> list[Line]:
    """Let one account belong to the kept record, and return the lines. The other one's sign-in and sessions end.

    Somebody who works at a clinic with the other account goes on working: it only belongs to no record any more.
    """
    now = timezone.now()
    open_ones = Invitation.objects.filter(subject_id=gone.pk, used_at=None, revoked_at=None)
    lines = rewrite(open_ones, revoked_at=now)
    if gone.user_id is None:
        return lines
    theirs = kept.user_id is None or choices.account == "gone"
    stays, ends = (gone.user_id, kept.user_id) if theirs else (kept.user_id, gone.user_id)
    lines += rewrite(Patient.objects.filter(pk=gone.pk), user_id=None)
    lines += rewrite(Patient.objects.filter(pk=kept.pk), user_id=stays)
    return lines + (_ended(ends) if ends else [])


def _ended(user_id: uuid.UUID) -> list[Line]:
    user = User.objects.get(pk=user_id)
    works = user.is_superuser or user.is_staff or Membership.objects.filter(user=user).exists()
    if works or not user.is_active:
        return []
    deactivate_user(user_id=user_id)
    return [Line(table=User._meta.db_table, id=str(user_id), column="is_active", before=True, after=False)]


def close_record(pair: Pair) -> list[Line]:
    """Put the other record out of use and let it, and whatever became part of it before, lead to the kept one."""
    lines = rewrite(Patient.objects.filter(merged_into=pair.gone_id), merged_into_id=pair.kept_id)
    return lines + rewrite(Patient.objects.filter(pk=pair.gone_id), active=False, merged_into_id=pair.kept_id)
