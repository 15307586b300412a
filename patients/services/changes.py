"""Change what is written about a patient: by the desk, or by the patient."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import Any

from django.db import transaction

from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from patients.errors import ChangedMeanwhile
from patients.events import PatientChanged
from patients.locks import lock_patient
from patients.models import ContactPoint, Patient
from patients.rules.identity import check_birth_date, check_language, check_zone, clean_name, require_a_name

from .contacts import ContactChange, NewContact, add_contacts, apply_change, normalised, touch


@dataclass(frozen=True, slots=True, kw_only=True)
class PatientChange:
    """What shall be written about a patient; None leaves a thing as it is."""

    given_name: str | None = None
    family_name: str | None = None
    birth_date: dt.date | None = None
    language: str | None = None
    timezone: str | None = None
    notes: str | None = None
    active: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChange:
    """What a patient changes about itself: language, zone, contact channels and the consent for each."""

    language: str | None = None
    timezone: str | None = None
    added: Sequence[NewContact] = ()
    changed: Mapping[uuid.UUID, ContactChange] = field(default_factory=dict)


@transaction.atomic
def change_patient(*, patient_id: uuid.UUID, version: int, change: PatientChange, today: dt.date) -> Patient:
    """Write the change and return the patient; raises `NotFound`, `Invalid`, and `ChangedMeanwhile` for another version."""
    patient = _at_version(patient_id, version)
    if _write(patient, change, today):
        publish(PatientChanged(patient_id=patient.pk), aggregate_id=patient.pk)
    return patient


@transaction.atomic
def change_profile(*, patient_id: uuid.UUID, version: int, change: ProfileChange, today: dt.date) -> Patient:
    """Write what the patient changed about itself and return the patient; all of it or nothing.

    Raises `NotFound` for the patient or a contact point that is not its own, `Invalid`, `ContactListed`, and
    `ChangedMeanwhile` for another version. An added contact is not verified; a number needs its country code.
    """
    patient = _at_version(patient_id, version)
    named = _write(patient, PatientChange(language=change.language, timezone=change.timezone), today)
    points = {point.pk: point for point in ContactPoint.objects.active().filter(patient=patient, pk__in=change.changed)}
    if len(points) < len(change.changed):
        raise NotFound
    touched = [apply_change(points[key], wanted) for key, wanted in change.changed.items()]
    add_contacts(patient, [normalised(contact, country=None) for contact in change.added])
    if (any(touched) or change.added) and not named:
        touch(patient.pk)
        patient.refresh_from_db(fields=["version", "updated_at"])
    if named:
        publish(PatientChanged(patient_id=patient.pk), aggregate_id=patient.pk)
    return patient


def _at_version(patient_id: uuid.UUID, version: int) -> Patient:
    patient = lock_patient(patient_id)
    if patient.version != version:
        raise ChangedMeanwhile(patient)
    return patient


def _write(patient: Patient, change: PatientChange, today: dt.date) -> bool:
    wanted = _cleaned(change, today)
    changed = {name: value for name, value in wanted.items() if value != getattr(patient, name)}
    for name, value in changed.items():
        setattr(patient, name, value)
    require_a_name(patient.given_name, patient.family_name)
    if changed:
        patient.save(update_fields=sorted(changed))
    return bool(changed)


def _cleaned(change: PatientChange, today: dt.date) -> dict[str, Any]:
    wanted = {item.name: getattr(change, item.name) for item in fields(change)}
    wanted = {name: value for name, value in wanted.items() if value is not None}
    for name in ("given_name", "family_name"):
        if name in wanted:
            wanted[name] = clean_name(wanted[name], name)
    if "birth_date" in wanted:
        check_birth_date(wanted["birth_date"], today=today)
    if "language" in wanted:
        check_language(wanted["language"])
    if "timezone" in wanted:
        check_zone(wanted["timezone"])
    return wanted
