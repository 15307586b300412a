"""How patients look in answers: one form for staff, one for the patient, each without what the other may not see."""

import datetime as dt
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from mediconnect.api.principal import Principal
from mediconnect.api.versions import Expected
from mediconnect.errors import VersionConflict
from patients.errors import ChangedMeanwhile
from patients.models import ContactPoint, ContactSystem, Dependant, Patient
from patients.queries import in_care_of, shown_to, visible_to
from patients.rules.contacts import masked_email, masked_phone


def contact_point(point: ContactPoint) -> dict[str, Any]:
    """Return a contact point in full."""
    return {
        "id": point.pk,
        "version": point.version,
        "system": point.system,
        "value": point.value,
        "rank": point.rank,
        "consent": point.consent,
        "verified": point.verified_at is not None,
        "active": point.active,
    }


def dependant(right: Dependant) -> dict[str, Any]:
    """Return whom somebody may act for, as what, and until when."""
    return {
        "patient": right.patient_id,
        "given_name": right.patient.given_name,
        "family_name": right.patient.family_name,
        "birth_date": right.patient.birth_date,
        "relationship": right.relationship,
        "ends_on": right.ends_on,
    }


def _person(patient: Patient) -> dict[str, Any]:
    return {
        "id": patient.pk,
        "version": patient.version,
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": patient.birth_date,
        "language": patient.language,
    }


def _registrations(patient: Patient) -> list[dict[str, Any]]:
    return [
        {"clinic": row.clinic_id, "clinic_name": row.clinic.name, "record_number": row.record_number}
        for row in patient.registrations.all()
    ]


def _first(points: Iterable[ContactPoint], system: str) -> str | None:
    return next((point.value for point in points if point.system == system), None)


def listed(patient: Patient) -> dict[str, Any]:
    """Return a row of a list for staff: enough to tell people apart, contacts masked. Needs what `shown_to` prefetches."""
    points = patient.contact_points.all()
    phone, email = _first(points, ContactSystem.PHONE), _first(points, ContactSystem.EMAIL)
    return {
        **_person(patient),
        "active": patient.active,
        "phone": masked_phone(phone) if phone else None,
        "email": masked_email(email) if email else None,
        "registrations": _registrations(patient),
    }


def for_staff(patient: Patient, dependants: Iterable[Dependant]) -> dict[str, Any]:
    """Return all that the desk sees of a patient, notes included. Needs what `shown_to` prefetches."""
    return {
        **_person(patient),
        "timezone": patient.timezone or None,
        "notes": patient.notes,
        "active": patient.active,
        "has_account": patient.user_id is not None,
        "registrations": _registrations(patient),
        "contact_points": [contact_point(point) for point in patient.contact_points.all()],
        "dependants": [dependant(right) for right in dependants],
        "created_at": patient.created_at,
        "updated_at": patient.updated_at,
    }


def for_patient(patient: Patient, dependants: Iterable[Dependant]) -> dict[str, Any]:
    """Return a patient's own profile: nothing that only staff may read. Needs what `shown_to` prefetches."""
    return {
        **_person(patient),
        "timezone": patient.timezone or None,
        "clinics": _registrations(patient),
        "contact_points": [contact_point(point) for point in patient.contact_points.all()],
        "dependants": [dependant(right) for right in dependants],
        "created_at": patient.created_at,
        "updated_at": patient.updated_at,
    }


def shown(principal: Principal, patient: Patient, *, today: dt.date) -> dict[str, Any]:
    """Return the patient as this caller sees it now, read afresh: four statements."""
    fresh = shown_to(principal, Patient.objects.filter(pk=patient.pk)).get()
    rights = in_care_of(fresh.pk, today=today, among=visible_to(principal))
    return for_patient(fresh, rights) if principal.kind == "patient" else for_staff(fresh, rights)


@contextmanager
def conflicts(principal: Principal, expected: Expected, *, today: dt.date) -> Iterator[None]:
    """Answer a version that is not the present one with the record as it is now, 409 or 412 by where the version stood."""
    try:
        yield
    except ChangedMeanwhile as stale:
        record = stale.record
        current = contact_point(record) if isinstance(record, ContactPoint) else _current(principal, record, today)
        raise VersionConflict(by_header=expected.by_header, current=current) from None


def _current(principal: Principal, record: Any, today: dt.date) -> dict[str, Any]:
    return shown(principal, record, today=today)
