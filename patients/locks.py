"""The row locks of patients, taken after those on resources and before those on visits (docs/locking.md)."""

import uuid
from collections.abc import Collection
from typing import Any

from django.db.models import Model, QuerySet

from mediconnect.errors import NotFound

from .errors import Merged
from .models import ContactPoint, Dependant, Merge, Patient


def lock_patient(patient_id: uuid.UUID) -> Patient:
    """Return the patient, locked until the transaction ends. Rows that refer to it can still be added.

    Raises `NotFound`, and `Merged` for a record that became part of another one: nothing is written to it any more.
    """
    patient = Patient.objects.select_for_update(no_key=True, of=("self",)).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    if patient.merged_into_id is not None:
        raise Merged(merged_into=patient.merged_into_id)
    return patient


def lock_both(one: uuid.UUID, other: uuid.UUID) -> dict[uuid.UUID, Patient]:
    """Lock two records in pk order, whichever is named first, merged ones too, and return them; raises `NotFound`."""
    wanted = Patient.objects.filter(pk__in={one, other}).order_by("pk")
    found = {patient.pk: patient for patient in wanted.select_for_update(no_key=True, of=("self",))}
    if found.keys() != {one, other}:
        raise NotFound
    return found


def lock_rows(model: type[Model], ids: Collection[Any]) -> None:
    """Queue for rows of a table above that follow a patient, in pk order."""
    rows: QuerySet[Any] = QuerySet(model).filter(pk__in=ids).order_by("pk")
    list(rows.select_for_update(no_key=True, of=("self",)).values_list("pk"))


def wait_for_writers(patient_id: uuid.UUID) -> None:
    """Wait until everybody who has just written a row that refers to the patient has committed, and let nobody do so.

    A reference takes a key share lock on the patient, which this one, unlike all others here, keeps away. Comes last: who
    holds the lock of a visit may be about to write such a row.
    """
    list(Patient.objects.select_for_update(of=("self",)).filter(pk=patient_id).values_list("pk"))


def lock_merge(merge_id: uuid.UUID) -> Merge:
    """Return the merge, locked after the two records it is about; raises `NotFound`."""
    merge = Merge.objects.select_for_update(no_key=True, of=("self",)).filter(pk=merge_id).first()
    if merge is None:
        raise NotFound
    return merge


def lock_contact_point(patient_id: uuid.UUID, contact_point_id: uuid.UUID) -> ContactPoint:
    """Return a contact point of this patient, locked after the patient itself; raises `NotFound`."""
    points = ContactPoint.objects.select_for_update(no_key=True, of=("self",))
    point = points.filter(pk=contact_point_id, patient_id=patient_id).first()
    if point is None:
        raise NotFound
    return point


def lock_dependant(guardian_id: uuid.UUID, patient_id: uuid.UUID) -> Dependant | None:
    """Return the row of this right, locked, or None where none was ever recorded."""
    rights = Dependant.objects.select_for_update(no_key=True, of=("self",))
    return rights.filter(guardian_id=guardian_id, patient_id=patient_id).first()
