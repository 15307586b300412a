"""Make a person known to a clinic, once, under a record number of its own."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, connection, transaction

from mediconnect.errors import DomainError, NotFound
from mediconnect.outbox import publish
from mediconnect.records import uuid7
from mediconnect.resilience.transactions import UNIQUE, Restart, refusal
from patients.errors import AlreadyRegistered, PossibleDuplicate, RecordNumberTaken
from patients.events import PatientRegistered
from patients.models import Patient, Registration
from patients.queries import suspects
from patients.rules.contacts import country_of
from patients.rules.identity import (
    check_birth_date,
    check_language,
    check_zone,
    clean_name,
    clean_record_number,
    require_a_name,
)
from providers.models import Clinic

from .contacts import NewContact, add_contacts, normalised

# Numbers that people typed by hand may lie in the sequence's way; so many in a row would be a sequence set wrong.
_TRIES: Final = 50

# Two desks that register the same new person at the same moment must see each other; who was born on another day does not wait.
_ONE_BIRTH_DATE_AT_A_TIME: Final = "SELECT pg_advisory_xact_lock(hashtextextended('patients.registration:' || %s, 0))"

_REGISTER: Final = """
WITH known AS (
    SELECT 1 FROM patients_registration WHERE patient_id = %(patient)s AND clinic_id = %(clinic)s
), made AS (
    INSERT INTO patients_registration (id, created_at, patient_id, clinic_id, record_number)
    SELECT %(id)s, statement_timestamp(), %(patient)s, %(clinic)s, 'P' || lpad(nextval('patients_record_number')::text, 6, '0')
    WHERE NOT EXISTS (SELECT FROM known)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT EXISTS (SELECT FROM known), EXISTS (SELECT FROM made)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPatient:
    """A person as described at the desk; everything is cleaned and checked by `register`."""

    given_name: str = ""
    family_name: str = ""
    birth_date: dt.date | None = None
    language: str = "en"
    timezone: str = ""
    notes: str = ""
    contacts: Sequence[NewContact] = ()


@transaction.atomic
def register(
    *,
    clinic_id: uuid.UUID,
    person: NewPatient,
    today: dt.date,
    record_number: str | None = None,
    among: Collection[uuid.UUID] | None = None,
    confirm_duplicate: bool = False,
    source_identifier: str | None = None,
) -> Patient:
    """Register a new person at a clinic and return the patient; without `record_number` the next free one is given.

    Likely duplicates are looked for among the patients of the clinics `among` (this clinic alone without it), so that
    nobody learns who is known elsewhere; unless `confirm_duplicate`, they raise `PossibleDuplicate`.
    Raises `Invalid`, `NotFound` for an unknown clinic, `RecordNumberTaken`.
    """
    clinic = Clinic.objects.filter(pk=clinic_id, active=True).first()
    if clinic is None:
        raise NotFound
    country = country_of(clinic.region)
    patient = _described(person, today)
    contacts = [normalised(contact, country=country) for contact in person.contacts]
    if patient.birth_date is not None:
        with connection.cursor() as cursor:
            cursor.execute(_ONE_BIRTH_DATE_AT_A_TIME, [patient.birth_date.isoformat()])
    if not confirm_duplicate:
        found = suspects(patient, contacts=contacts, clinic_ids=among or [clinic_id])
        if found:
            raise PossibleDuplicate(duplicates=[suspect.shown() for suspect in found])
    patient.source_identifier = source_identifier
    patient.save(force_insert=True)
    add_contacts(patient, contacts)
    _give_number(patient_id=patient.pk, clinic_id=clinic_id, record_number=record_number)
    return patient


def _described(person: NewPatient, today: dt.date) -> Patient:
    patient = Patient(
        given_name=clean_name(person.given_name, "given_name"),
        family_name=clean_name(person.family_name, "family_name"),
        birth_date=check_birth_date(person.birth_date, today=today) if person.birth_date else None,
        language=check_language(person.language),
        timezone=check_zone(person.timezone),
        notes=person.notes,
    )
    require_a_name(patient.given_name, patient.family_name)
    return patient


@transaction.atomic
def register_at(*, patient_id: uuid.UUID, clinic_id: uuid.UUID, record_number: str | None = None) -> Registration:
    """Register a known patient at a further clinic; raises `AlreadyRegistered`, `RecordNumberTaken`, `Invalid`."""
    if Registration.objects.filter(patient_id=patient_id, clinic_id=clinic_id).exists():
        raise AlreadyRegistered
    _give_number(patient_id=patient_id, clinic_id=clinic_id, record_number=record_number)
    return Registration.objects.get(patient_id=patient_id, clinic_id=clinic_id)


def ensure_registered(*, patient_id: uuid.UUID, clinic_id: uuid.UUID) -> bool:
    """See to it that the clinic knows the patient; return whether it is new there. One statement where nothing is to do.

    Runs in the caller's transaction. Twins register a patient once, and no two patients get one number.
    """
    for _ in range(_TRIES):
        known, made = _register(patient_id, clinic_id)
        if known:
            return False
        if made:
            publish(PatientRegistered(patient_id=patient_id, clinic_id=clinic_id), aggregate_id=patient_id)
            return True
    raise Restart


def _register(patient_id: uuid.UUID, clinic_id: uuid.UUID) -> tuple[bool, bool]:
    with connection.cursor() as cursor:
        cursor.execute(_REGISTER, {"id": uuid7(), "patient": patient_id, "clinic": clinic_id})
        known, made = cursor.fetchone()
    return known, made


def _give_number(*, patient_id: uuid.UUID, clinic_id: uuid.UUID, record_number: str | None) -> None:
    if record_number is None:
        ensure_registered(patient_id=patient_id, clinic_id=clinic_id)
        return
    number = clean_record_number(record_number)
    try:
        with transaction.atomic():
            Registration.objects.create(patient_id=patient_id, clinic_id=clinic_id, record_number=number)
    except IntegrityError as error:
        raise _refused(error) from error
    publish(PatientRegistered(patient_id=patient_id, clinic_id=clinic_id), aggregate_id=patient_id)


def _refused(error: IntegrityError) -> DomainError | IntegrityError:
    match refusal(error):
        case (state, "a_record_number_names_one_patient") if state == UNIQUE:
            return RecordNumberTaken()
        case (state, "a_patient_is_registered_once_in_a_clinic") if state == UNIQUE:
            return AlreadyRegistered()
        case _:
            return error
