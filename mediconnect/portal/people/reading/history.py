"""What happened to a patient's record: who, when, and which fields. What is stored sealed stays sealed here."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.accounts.models import User
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.languages import language_name
from mediconnect.records.models import Change
from patients.models import ContactPoint, ContactSystem, Dependant, Merge, Patient, Registration
from patients.queries import visible_to

SHOWN: Final = 8
# Nobody reads further; the whole of it is in the administration.
MOST: Final = 200

# Columns of a patient and what they are called; those of `_SEALED` are named without their values.
FIELDS: Final[Mapping[str, str]] = {
    "family_name": gettext_noop("Family name"),
    "given_name": gettext_noop("Given name"),
    "birth_date": gettext_noop("Birth date"),
    "language": gettext_noop("Language"),
    "timezone": gettext_noop("Time zone"),
    "notes": gettext_noop("Notes"),
}
_SEALED: Final = frozenset({"notes"})


@dataclass(frozen=True, slots=True)
class Said:
    """One thing that changed. `before` and `after` are empty where they are not told."""

    word: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True)
class Entry:
    """One change of the record; `who` is empty where the house itself did it.

    `other` where it happened to a record that became part of this one; `merge` is the merge that it tells of.
    """

    at: dt.datetime
    who: str
    said: Sequence[Said]
    other: bool = False
    merge: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class History:
    """The latest changes, and whether there are older ones."""

    entries: Sequence[Entry]
    more: bool


def history_of(desk: Desk, patient: Patient, *, everything: bool = False) -> History:
    """Return what happened to the record as far as this clinic may know, latest first. Four statements."""
    most = MOST if everything else SHOWN
    points = dict(ContactPoint.objects.filter(patient=patient).values_list("pk", "system"))
    rights = _rights(desk, patient)
    found = _changes(desk, patient, points, rights)[: 3 * most]
    names = names_of(desk, patient, {change.actor_id for change in found if change.actor_id})
    told = [
        Entry(
            change.at,
            names.get(change.actor_id, _("somebody outside this clinic")) if change.actor_id else "",
            said,
            other=change.record_type == Patient._meta.db_table and change.record_id != patient.pk,
            merge=change.record_id if change.after.get("kept_id") == str(patient.pk) else None,
        )
        for change in found
        if (said := list(_said(desk, change, points)))
    ]
    return History(told[:most], more=len(told) > most)


def names_of(desk: Desk, patient: Patient, actors: Iterable[uuid.UUID]) -> dict[uuid.UUID, str]:
    """Return the names of those who work at this clinic or everywhere, and of the patient; of nobody else.

    Who wrote at another clinic would tell that the patient is known there.
    """
    here = Q(memberships__clinic=desk.clinic.pk) | Q(is_superuser=True)
    people = User.objects.filter(here, pk__in=list(actors)).distinct()
    names = {pk: name or email for pk, name, email in people.values_list("pk", "display_name", "email")}
    if patient.user_id is not None:
        names[patient.user_id] = _("the patient")
    return names


def changed_since(desk: Desk, patient: Patient, version: int) -> tuple[Change | None, list[Said]]:
    """Return the last change of the patient after a version, and what changed since: first before and last after."""
    changes = list(Change.objects.of(patient).filter(version__gt=version))
    return _summed(changes, [said for change in changes for said in _patient_said(desk, change)])


def contact_changed_since(point: ContactPoint, version: int) -> tuple[Change | None, list[Said]]:
    """Return the last change of a contact after a version, and what changed since."""
    changes = list(Change.objects.of(point).filter(version__gt=version))
    return _summed(changes, [said for change in changes for said in _contact_said(change, point.system)])


def _summed(changes: Sequence[Change], told: Iterable[Said]) -> tuple[Change | None, list[Said]]:
    sums: dict[str, Said] = {}
    for said in told:
        earlier = sums.get(said.word)
        sums[said.word] = Said(said.word, earlier.before if earlier else said.before, said.after)
    return (changes[-1] if changes else None), list(sums.values())


def _rights(desk: Desk, patient: Patient) -> list[uuid.UUID]:
    """Return the rights between the patient and others of this clinic."""
    here = visible_to(desk.principal, clinic_ids={desk.clinic.pk}).values("pk")
    both = Q(guardian=patient, patient__in=here) | Q(patient=patient, guardian__in=here)
    return list(Dependant.objects.filter(both).values_list("pk", flat=True))


def _changes(desk: Desk, patient: Patient, points: Iterable[uuid.UUID], rights: Iterable[uuid.UUID]) -> Any:
    joined = Patient.objects.filter(merged_into=patient.pk)
    here = Registration.objects.filter(Q(patient=patient) | Q(patient__in=joined), clinic=desk.clinic.pk)
    merges = Merge.objects.filter(Q(kept=patient) | Q(gone=patient) | Q(kept__in=joined))
    ours = (
        Q(record_type=Patient._meta.db_table, record_id=patient.pk)
        | Q(record_type=Patient._meta.db_table, record_id__in=joined.values("pk"))
        | Q(record_type=Merge._meta.db_table, record_id__in=merges.values("pk"))
        | Q(record_type=ContactPoint._meta.db_table, record_id__in=list(points))
        | Q(record_type=Dependant._meta.db_table, record_id__in=list(rights))
        | Q(record_type=Registration._meta.db_table, record_id__in=here.values("pk"))
    )
    return Change.objects.filter(ours).order_by("-id")


def _said(desk: Desk, change: Change, points: Mapping[uuid.UUID, str]) -> Iterable[Said]:
    match change.record_type:
        case ContactPoint._meta.db_table:
            return _contact_said(change, points.get(change.record_id, ""))
        case Dependant._meta.db_table:
            return _right_said(change)
        case Merge._meta.db_table:
            return _merge_said(change)
        case Registration._meta.db_table if change.operation != "insert":
            return []
        case Registration._meta.db_table:
            return [Said(_("Registered here"), "", str(change.after.get("record_number", "")))]
        case _:
            return _patient_said(desk, change)


def _patient_said(desk: Desk, change: Change) -> Iterable[Said]:
    if change.operation == "insert":
        yield Said(_("Record opened"))
        return
    for column, word in FIELDS.items():
        if column in change.after and column in _SEALED:
            yield Said(_(word))
        elif column in change.after:
            yield Said(_(word), *(in_words(desk, column, side.get(column)) for side in (change.before, change.after)))
    if change.after.get("user_id"):
        yield Said(_("Account opened"))
    elif "user_id" in change.after:
        yield Said(_("Account closed"))
    if "active" in change.after and "merged_into_id" not in change.after:  # the merge tells it
        yield Said(_("Record taken up again") if change.after["active"] else _("Record retired"))


def _merge_said(change: Change) -> Iterable[Said]:
    if change.operation == "insert":
        yield Said(_("Two records were made one"))
    elif change.after.get("undone_at"):
        yield Said(_("The merge was undone: two records again"))


def _contact_said(change: Change, system: str) -> Iterable[Said]:
    is_phone = system == ContactSystem.PHONE
    if change.operation == "insert":
        yield Said(_("Phone added") if is_phone else _("E-mail address added"))
        return
    if change.after.get("active") is False:
        yield Said(_("Phone removed") if is_phone else _("E-mail address removed"))
    elif change.after.get("active"):
        yield Said(_("Phone in use again") if is_phone else _("E-mail address in use again"))
    if "rank" in change.after:
        yield Said(_("Which phone is tried first") if is_phone else _("Which e-mail address is tried first"))
    if "consent" in change.after:
        yield Said(_("Messages allowed") if change.after["consent"] else _("Messages no longer allowed"))
    if change.after.get("verified_at"):
        yield Said(_("Phone verified") if is_phone else _("E-mail address verified"))


def _right_said(change: Change) -> Iterable[Said]:
    if change.operation == "insert":
        yield Said(_("Right to act for somebody recorded"))
    elif "ends_on" in change.after:
        yield Said(_("Right to act for somebody changed or ended"))


def in_words(desk: Desk, column: str, value: Any) -> str:
    """Return a value of a patient's column as the desk reads it."""
    if value is None or value == "":
        return _("none")
    if column == "birth_date":
        day = parse_date(str(value))
        return desk.habits.date(day) if day else str(value)
    return language_name(str(value)) if column == "language" else str(value)
