"""The row locks of patients, taken after those on resources and before those on visits (docs/locking.md)."""

import uuid

from mediconnect.errors import NotFound

from .models import ContactPoint, Dependant, Patient


def lock_patient(patient_id: uuid.UUID) -> Patient:
    """Return the patient, locked until the transaction ends; raises `NotFound`. Rows that refer to it can still be added."""
    patient = Patient.objects.select_for_update(no_key=True, of=("self",)).filter(pk=patient_id).first()
    if patient is None:
        raise NotFound
    return patient


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
