"""Patients are registered as the desk would register them, under their source's identifier."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence

from django.db import transaction

from mediconnect.errors import DomainError, Invalid
from patients.models import Patient
from patients.rules.contacts import normal_email, normal_phone
from patients.rules.identity import check_birth_date, check_language
from patients.services.contacts import NewContact
from patients.services.registration import NewPatient, register

from .reporting import Fate, Report
from .sources import PatientSource
from .zones import country_code

_KIND = "Patient"


def write_patient(source: PatientSource, *, clinic_id: uuid.UUID | None, today: dt.date, report: Report) -> None:
    """Register a patient who is not known yet at this clinic; without one, say that the patient has none."""
    if Patient.objects.filter(source_identifier=source.identifier).exists():
        report.count(_KIND, Fate.KNOWN)
        return
    if clinic_id is None:
        report.bad(_KIND, source.origin, "belongs to no clinic that is known; name one with --clinic")
        return
    try:
        with transaction.atomic():
            _register(source, clinic_id, today, report)
    except DomainError as refusal:
        report.bad(_KIND, source.origin, _fields(refusal))
        return
    report.count(_KIND, Fate.NEW)


def _register(source: PatientSource, clinic_id: uuid.UUID, today: dt.date, report: Report) -> None:
    person = NewPatient(
        given_name=source.given_name,
        family_name=source.family_name,
        birth_date=_birth_date(source, today, report),
        language=_language(source, report),
        contacts=_contacts(source, report),
    )
    # Whoever stands in a file under an identifier of its own is a person of its own; the desk merges, an import does not.
    patient = register(
        clinic_id=clinic_id,
        person=person,
        today=today,
        confirm_duplicate=True,
        source_identifier=source.identifier,
    )
    if not source.active:
        patient.active = False
        patient.save(update_fields=["active", "updated_at"])


def _birth_date(source: PatientSource, today: dt.date, report: Report) -> dt.date | None:
    if source.birth_date is None:
        report.warn(source.origin, "its birth date is missing or no whole date")
        return None
    return check_birth_date(source.birth_date, today=today)


def _language(source: PatientSource, report: Report) -> str:
    try:
        return check_language(source.language)
    except Invalid:
        report.warn(source.origin, "its language tag is not known; English is assumed")
        return "en"


def _contacts(source: PatientSource, report: Report) -> Sequence[NewContact]:
    """Return what can be reached; what cannot be a number or an address is told and left out."""
    return [
        NewContact(system=system, value=value, rank=rank)
        for rank, (system, value) in enumerate(_usable(source, report), 1)
    ]


def _usable(source: PatientSource, report: Report) -> Iterator[tuple[str, str]]:
    country, seen = country_code(source.country) or None, set[str]()
    for system, value in source.contacts:
        try:
            normal = normal_phone(value, country=country) if system == "phone" else normal_email(value)
        except Invalid:
            report.warn(source.origin, f"its {'phone number' if system == 'phone' else 'e-mail address'} was left out")
            continue
        if normal.lower() not in seen:
            seen.add(normal.lower())
            yield system, normal


def _fields(refusal: DomainError) -> str:
    """Return a refusal as fields and sentences of ours, neither of which repeats a value."""
    errors = refusal.extra.get("errors") or {}
    return "; ".join(f"{name}: {' '.join(sentences)}" for name, sentences in errors.items()) or refusal.detail
