"""What the desk writes about a patient: name and birth date, notes, contacts, the invitation to an account."""

import uuid
from collections.abc import Callable, Mapping
from typing import Final

from django.http import HttpResponse
from django.utils.translation import gettext as _

from mediconnect.api.access import DESK
from mediconnect.errors import Invalid
from mediconnect.portal.desk import Desk, DeskRequest, desk_page
from mediconnect.portal.people.forms import new_contact, notes_change, person_change
from mediconnect.portal.people.writing import prefer_contact
from mediconnect.portal.showing import Undo
from mediconnect.portal.visits.forms import expected_of
from patients.accounts import invite
from patients.rules.contacts import country_of
from patients.services.changes import PatientChange, change_patient
from patients.services.contacts import ContactChange, add_contact_point, change_contact_point

from .record import write

_CHANGES: Final[Mapping[str, ContactChange]] = {
    "allow": ContactChange(consent=True),
    "forbid": ContactChange(consent=False),
    "remove": ContactChange(active=False),
    "restore": ContactChange(active=True),
}


@desk_page(roles=DESK)
def person(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Change names, birth date and language."""
    return write(request, desk, patient, "person", lambda: _change(request, desk, patient, person_change), _("Saved."))


@desk_page(roles=DESK)
def notes(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Change the notes."""
    return write(
        request, desk, patient, "notes", lambda: _change(request, desk, patient, notes_change), _("Notes saved.")
    )


def _change(
    request: DeskRequest, desk: Desk, patient_id: uuid.UUID, read: Callable[[Mapping[str, str]], PatientChange]
) -> None:
    version = expected_of(request.POST).version
    change_patient(patient_id=patient_id, version=version, change=read(request.POST.dict()), today=desk.today)


@desk_page(roles=DESK)
def contacts(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Add a way to reach the patient."""

    def work() -> None:
        contact = new_contact(request.POST.dict())
        add_contact_point(patient_id=patient, contact=contact, country=country_of(desk.clinic.region))

    return write(request, desk, patient, "contacts", work, _("Contact added."))


@desk_page(roles=DESK)
def contact(request: DeskRequest, desk: Desk, patient: uuid.UUID, contact: uuid.UUID) -> HttpResponse:
    """Try a contact first, allow or forbid messages there, or remove it."""

    def undo(version: int) -> Undo:
        return Undo(request.path, version, {"do": "restore"})

    is_gone = request.POST.get("do") == "remove"
    return write(
        request,
        desk,
        patient,
        "contacts",
        lambda: _change_contact(request, patient, contact),
        _("Contact removed.") if is_gone else _("Contact changed."),
        undo=undo if is_gone else None,
    )


def _change_contact(request: DeskRequest, patient_id: uuid.UUID, contact_id: uuid.UUID) -> int:
    version, do = expected_of(request.POST).version, request.POST.get("do", "")
    if do == "prefer":
        return prefer_contact(patient_id=patient_id, contact_point_id=contact_id, version=version).version
    if do not in _CHANGES:
        raise Invalid.field("do", "There is no such step here.")
    point = change_contact_point(
        patient_id=patient_id, contact_point_id=contact_id, version=version, change=_CHANGES[do]
    )
    return point.version


@desk_page(roles=DESK)
def invitation(request: DeskRequest, desk: Desk, patient: uuid.UUID) -> HttpResponse:
    """Send the patient a link to an account of its own; an earlier link ends."""

    def work() -> None:
        invite(patient_id=patient, by=desk.user.pk)

    return write(request, desk, patient, "account", work, _("Invitation sent."))
