"""Look at a merge before it is made: what would follow, what would not, and what keeps the two apart."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from mediconnect.errors import Invalid, NotFound
from patients.models import ContactPoint, Dependant, Patient, Registration
from patients.ports import merge_steps
from patients.rules.merging import CHOSEN, Conflict, Pair, Side, chosen_side

Clinics = Collection[uuid.UUID] | None


@dataclass(frozen=True, slots=True)
class Preview:
    """Two records side by side. `sides` says whose word holds where nobody chooses, for what differs alone.

    `counts` are rows of the clinics that the caller sees, by what they are called. Of `conflicts`, those that block keep
    the two apart.
    """

    kept: Patient
    gone: Patient
    sides: Mapping[str, Side]
    counts: Mapping[str, int]
    conflicts: Sequence[Conflict]
    birth_dates_differ: bool
    two_accounts: bool

    @property
    def possible(self) -> bool:
        """Whether nothing keeps the two apart."""
        return not any(conflict.blocks for conflict in self.conflicts)


def preview_merge(
    *, kept_id: uuid.UUID, gone_id: uuid.UUID, within: Clinics, today: dt.date, sides: Mapping[str, Side] | None = None
) -> Preview:
    """Return what merging would do; looks without locking. `within` are the clinics whose desks the caller works at.

    Raises `NotFound` unless one of them knows both, and `Invalid` for one record or for one that is merged already.
    """
    found = Patient.objects.in_bulk([kept_id, gone_id])
    if found.keys() != {kept_id, gone_id}:
        raise_for_one(kept_id, gone_id)
        raise NotFound
    kept, gone = found[kept_id], found[gone_id]
    check_two(kept, gone, within)
    pair = Pair(kept_id, gone_id)
    return Preview(
        kept=kept,
        gone=gone,
        sides={
            name: chosen_side(name, getattr(kept, name), getattr(gone, name), sides or {})
            for name in CHOSEN
            if getattr(kept, name) != getattr(gone, name)
        },
        counts=_counts(pair, within, today),
        conflicts=conflicts_of(pair, within=within, today=today),
        birth_dates_differ=differ(kept, gone),
        two_accounts=kept.user_id is not None and gone.user_id is not None,
    )


def raise_for_one(kept_id: uuid.UUID, gone_id: uuid.UUID) -> None:
    """Raise `Invalid` for a record and itself."""
    if kept_id == gone_id:
        raise Invalid.field("with", "This is the same record.")


def check_two(kept: Patient, gone: Patient, within: Clinics) -> None:
    """Raise `NotFound` unless a clinic of the caller's knows both, and `Invalid` where one of them is no record in use."""
    raise_for_one(kept.pk, gone.pk)
    both = Registration.objects.filter(patient=kept.pk, clinic__in=_clinics_of(gone.pk, within))
    if not both.exists():
        raise NotFound
    if gone.merged_into_id is not None or kept.merged_into_id is not None:
        raise Invalid.field("with", "One of the two became part of another record already.")
    if not kept.active:
        raise Invalid.field("with", "The record that stays is retired. Take it up again first.")


def _clinics_of(patient_id: uuid.UUID, within: Clinics) -> Any:
    rows = Registration.objects.filter(patient=patient_id)
    return (rows if within is None else rows.filter(clinic__in=within)).values("clinic")


def differ(kept: Patient, gone: Patient) -> bool:
    """Return whether two birth dates are on record."""
    return kept.birth_date is not None and gone.birth_date is not None and kept.birth_date != gone.birth_date


def conflicts_of(pair: Pair, *, within: Clinics, today: dt.date) -> list[Conflict]:
    """Return what keeps the two apart, and what of each app will not simply follow."""
    between = Q(guardian=pair.kept_id, patient=pair.gone_id) | Q(guardian=pair.gone_id, patient=pair.kept_id)
    found = [Conflict("acts-for-the-other")] if Dependant.objects.on(today).filter(between).exists() else []
    ours = ContactPoint.objects.active().filter(patient=pair.kept_id)
    twice = ContactPoint.objects.active().filter(patient=pair.gone_id, value_index__in=ours.values("value_index"))
    found += [Conflict("contact-twice", (point,), blocks=False) for point in twice.values_list("pk", flat=True)]
    for step in merge_steps():
        found += step.conflicts(pair, within=within)
    return found


def _counts(pair: Pair, within: Clinics, today: dt.date) -> dict[str, int]:
    counts: dict[str, int] = {}
    for step in merge_steps():
        for model, name in step.follows.items():
            rows: QuerySet[Any] = QuerySet(model).filter(patient=pair.gone_id)
            if name:
                counts[name] = (rows if within is None else rows.filter(clinic__in=within)).count()
    counts["contacts"] = ContactPoint.objects.active().filter(patient=pair.gone_id).count()
    rights = Dependant.objects.on(today).filter(Q(guardian=pair.gone_id) | Q(patient=pair.gone_id))
    if within is not None:
        seen = Patient.objects.at_clinics(within).values("pk")
        rights = rights.filter(guardian__in=seen, patient__in=seen)
    counts["rights"] = rights.count()
    return counts
