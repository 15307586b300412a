"""What requests about patients may say, read into what services take."""

import uuid
from typing import Any, Final

from mediconnect.api.fields import as_choice, as_date, as_flag, as_number, as_text, as_uuid, required
from mediconnect.errors import Invalid
from patients.models import ContactSystem
from patients.rules.contacts import LONGEST_EMAIL
from patients.services.changes import PatientChange, ProfileChange
from patients.services.contacts import ContactChange, NewContact
from patients.services.registration import NewPatient

LONGEST_NOTES: Final = 4_000
# A person has a handful of numbers; a list without end would be somebody else's data.
MOST_CONTACTS: Final = 20

PERSON: Final = ("given_name", "family_name", "birth_date", "language", "timezone", "notes")
REGISTRATION: Final = (*PERSON, "clinic", "record_number", "contact_points", "phone", "email", "confirm_duplicate")
CHANGE: Final = (*PERSON, "active", "version")
CONTACT: Final = ("system", "value", "rank", "consent")
CONTACT_CHANGE: Final = ("rank", "consent", "active", "version")
PROFILE: Final = ("language", "timezone", "contact_points", "version")


def text_of(body: dict[str, Any], name: str, *, longest: int) -> str | None:
    """Return a member as trimmed text, or None where it is left out; raises `Invalid`, also for null."""
    return as_text(body[name], name, longest=longest) if name in body else None


def new_patient(body: dict[str, Any]) -> NewPatient:
    """Return the person that a registration describes; `phone` and `email` are short for a contact point each."""
    points = [new_contact(row) for row in objects(body, "contact_points")]
    for short, system in (("phone", ContactSystem.PHONE), ("email", ContactSystem.EMAIL)):
        if body.get(short):
            value = as_text(body[short], short, longest=LONGEST_EMAIL)
            points.append(NewContact(system=system, value=value))
    return NewPatient(
        given_name=text_of(body, "given_name", longest=320) or "",
        family_name=text_of(body, "family_name", longest=320) or "",
        birth_date=as_date(body["birth_date"], "birth_date") if body.get("birth_date") is not None else None,
        language=text_of(body, "language", longest=8) or "en",
        timezone=text_of(body, "timezone", longest=64) or "",
        notes=text_of(body, "notes", longest=LONGEST_NOTES) or "",
        contacts=points,
    )


def patient_change(body: dict[str, Any]) -> PatientChange:
    """Return what a PATCH of the desk changes."""
    return PatientChange(
        given_name=text_of(body, "given_name", longest=320),
        family_name=text_of(body, "family_name", longest=320),
        birth_date=as_date(body["birth_date"], "birth_date") if "birth_date" in body else None,
        language=text_of(body, "language", longest=8),
        timezone=text_of(body, "timezone", longest=64),
        notes=text_of(body, "notes", longest=LONGEST_NOTES),
        active=as_flag(body["active"], "active") if "active" in body else None,
    )


def profile_change(body: dict[str, Any]) -> ProfileChange:
    """Return what a patient changes: of `contact_points`, those with an id are changed and those without are added."""
    added: list[NewContact] = []
    changed: dict[uuid.UUID, ContactChange] = {}
    for row in objects(body, "contact_points"):
        if "id" in row:
            only(row, ("id", "rank", "consent", "active"))
            changed[as_uuid(row["id"], "contact_points.id")] = contact_change(row)
        else:
            added.append(new_contact(row))
    return ProfileChange(
        language=text_of(body, "language", longest=8),
        timezone=text_of(body, "timezone", longest=64),
        added=added,
        changed=changed,
    )


def new_contact(row: dict[str, Any]) -> NewContact:
    """Return a contact point to add."""
    only(row, CONTACT)
    return NewContact(
        system=as_choice(required(row, "system"), "system", ContactSystem.values),
        value=as_text(required(row, "value"), "value", longest=LONGEST_EMAIL),
        rank=as_number(row["rank"], "rank", least=1, most=99) if "rank" in row else 1,
        consent=as_flag(row["consent"], "consent") if "consent" in row else True,
    )


def contact_change(row: dict[str, Any]) -> ContactChange:
    """Return what shall become of a contact point."""
    return ContactChange(
        rank=as_number(row["rank"], "rank", least=1, most=99) if "rank" in row else None,
        consent=as_flag(row["consent"], "consent") if "consent" in row else None,
        active=as_flag(row["active"], "active") if "active" in row else None,
    )


def objects(body: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """Return a member that is a list of objects, empty where it is left out; raises `Invalid`."""
    rows = body.get(name, [])
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Invalid.field(name, "This is a list of objects.")
    if len(rows) > MOST_CONTACTS:
        raise Invalid.field(name, f"This has {MOST_CONTACTS} entries at most.")
    return rows


def only(row: dict[str, Any], allowed: tuple[str, ...]) -> None:
    """Raise `Invalid` for members that an object inside the body does not have."""
    if unknown := sorted(set(row) - set(allowed)):
        raise Invalid(errors={name[:80]: ["There is no such member."] for name in unknown})
