"""What the forms about patients say, read into what services take; what cannot be read is refused by its field."""

import datetime as dt
import uuid
from collections.abc import Mapping
from typing import Final

from django.utils.dateparse import parse_date

from mediconnect.errors import Invalid
from patients.models import ContactSystem
from patients.services.changes import PatientChange
from patients.services.contacts import NewContact
from patients.services.registration import NewPatient

_LONGEST_NOTES: Final = 4_000
# Whoever adds a number does not thereby choose it: that is its own button.
_LAST: Final = 50


def new_patient(sent: Mapping[str, str]) -> NewPatient:
    """Return the person that a form describes; `phone` and `email` become a contact each. Raises `Invalid`."""
    contacts = [
        NewContact(system=system, value=sent[field].strip())
        for field, system in (("phone", ContactSystem.PHONE), ("email", ContactSystem.EMAIL))
        if sent.get(field, "").strip()
    ]
    return NewPatient(
        given_name=sent.get("given_name", ""),
        family_name=sent.get("family_name", ""),
        birth_date=date_sent(sent, "birth_date"),
        language=sent.get("language") or "en",
        notes=_notes(sent),
        contacts=contacts,
    )


def person_change(sent: Mapping[str, str]) -> PatientChange:
    """Return the change of a person's own data; raises `Invalid`. A birth date left empty stays as it was."""
    return PatientChange(
        given_name=sent.get("given_name", ""),
        family_name=sent.get("family_name", ""),
        birth_date=date_sent(sent, "birth_date"),
        language=sent.get("language") or None,
    )


def notes_change(sent: Mapping[str, str]) -> PatientChange:
    """Return the change of the notes; raises `Invalid`."""
    return PatientChange(notes=_notes(sent))


def new_contact(sent: Mapping[str, str]) -> NewContact:
    """Return a way to reach the patient: an address where there is an @, else a phone number. Raises `Invalid`."""
    value = sent.get("value", "").strip()
    if not value:
        raise Invalid.field("value", "Write a phone number or an e-mail address.")
    system = ContactSystem.EMAIL if "@" in value else ContactSystem.PHONE
    return NewContact(system=system, value=value, consent=bool(sent.get("consent")), rank=_LAST)


def id_sent(sent: Mapping[str, str], field: str) -> uuid.UUID | None:
    """Return the identifier in a field, None where there is none or it is none."""
    try:
        return uuid.UUID(sent.get(field, ""))
    except ValueError:
        return None


def date_sent(sent: Mapping[str, str], field: str) -> dt.date | None:
    """Return the date in a field, None for an empty one; raises `Invalid` for what is no date."""
    text = sent.get(field, "").strip()
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if text and day is None:
        raise Invalid.field(field, "There is no such date.")
    return day


def _notes(sent: Mapping[str, str]) -> str:
    notes = sent.get("notes", "").replace("\r\n", "\n").strip()
    if len(notes) > _LONGEST_NOTES:
        raise Invalid.field("notes", f"This may have {_LONGEST_NOTES} characters at most.")
    return notes
