"""Add, change and retire the ways in which a patient is reached."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from mediconnect.outbox import publish
from mediconnect.resilience.transactions import constraint
from patients.errors import ChangedMeanwhile, ContactListed
from patients.events import ContactChanged
from patients.locks import lock_contact_point, lock_patient
from patients.models import ContactPoint, ContactSystem, Patient
from patients.rules.contacts import normal_email, normal_phone


@dataclass(frozen=True, slots=True, kw_only=True)
class NewContact:
    """A phone number or e-mail address as given; `consent` says whether messages may be sent there."""

    system: str
    value: str
    rank: int = 1
    consent: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactChange:
    """What shall become of a contact point; None leaves a thing as it is. `active=False` retires it."""

    rank: int | None = None
    consent: bool | None = None
    active: bool | None = None


def normalised(contact: NewContact, *, country: str | None) -> ContactPoint:
    """Return an unsaved contact point with its value in normal form and its indexes; raises `Invalid`.

    `country` is the one by whose rules a number without a country code is read.
    """
    point = ContactPoint(system=contact.system, rank=contact.rank, consent=contact.consent)
    if contact.system == ContactSystem.PHONE:
        point.hold(normal_phone(contact.value, country=country))
    else:
        point.hold(normal_email(contact.value))
    return point


def add_contacts(patient: Patient, points: Iterable[ContactPoint]) -> None:
    """Write unsaved contact points of a patient in the caller's transaction; raises `ContactListed` for one listed twice."""
    for point in points:
        point.patient = patient
        try:
            with transaction.atomic():
                point.save(force_insert=True)
        except IntegrityError as error:
            if constraint(error) == "a_contact_point_is_listed_once":
                raise ContactListed from error
            raise
        publish(ContactChanged(patient_id=patient.pk, contact_point_id=point.pk), aggregate_id=patient.pk)


@transaction.atomic
def add_contact_point(*, patient_id: uuid.UUID, contact: NewContact, country: str | None) -> ContactPoint:
    """Add a way to reach the patient and return it; raises `NotFound`, `Invalid`, `ContactListed`."""
    patient = lock_patient(patient_id)
    point = normalised(contact, country=country)
    add_contacts(patient, [point])
    touch(patient.pk)
    return point


@transaction.atomic
def change_contact_point(
    *, patient_id: uuid.UUID, contact_point_id: uuid.UUID, version: int, change: ContactChange
) -> ContactPoint:
    """Change rank or consent of a contact point, or retire it, and return it.

    Raises `NotFound`, and `ChangedMeanwhile` if it is not at this version. A value is never changed: a new number is a
    new contact point, so that consent given for one is not taken for the other.
    """
    lock_patient(patient_id)
    point = lock_contact_point(patient_id, contact_point_id)
    if point.version != version:
        raise ChangedMeanwhile(point)
    if apply_change(point, change):
        touch(patient_id)
    return point


def apply_change(point: ContactPoint, change: ContactChange) -> bool:
    """Write what differs, in the caller's transaction; return whether anything did. Raises `ContactListed`."""
    wanted: dict[str, Any] = {"rank": change.rank, "consent": change.consent, "active": change.active}
    changed = {name: value for name, value in wanted.items() if value is not None and value != getattr(point, name)}
    if not changed:
        return False
    for name, value in changed.items():
        setattr(point, name, value)
    try:
        with transaction.atomic():
            point.save(update_fields=sorted(changed))
    except IntegrityError as error:
        if constraint(error) == "a_contact_point_is_listed_once":
            raise ContactListed from error
        raise
    publish(ContactChanged(patient_id=point.patient_id, contact_point_id=point.pk), aggregate_id=point.patient_id)
    return True


def touch(patient_id: uuid.UUID) -> None:
    """Let the patient's version rise: it covers everything that the record shows, contacts and dependants included."""
    Patient.objects.filter(pk=patient_id).update(updated_at=timezone.now())


def preferred(points: Sequence[ContactPoint], system: str) -> ContactPoint | None:
    """Return the contact point of this kind that is tried first."""
    return next((point for point in points if point.system == system), None)
