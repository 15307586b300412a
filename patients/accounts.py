"""What accounts ask about the records that they belong to (the port `Subjects`), and the invitation to open one."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from mediconnect.accounts.errors import AlreadyClaimed
from mediconnect.accounts.models import Invitation
from mediconnect.accounts.ports import ContactHint
from mediconnect.accounts.services import invitations
from mediconnect.outbox import publish

from .errors import AlreadyHasAccount, CannotBeInvited
from .events import PatientChanged
from .locks import lock_patient
from .models import ContactPoint, ContactSystem, Patient, index_of_value
from .rules.contacts import masked_email, masked_phone

_SYSTEM_OF = {Invitation.Contact.EMAIL.value: ContactSystem.EMAIL, Invitation.Contact.SMS.value: ContactSystem.PHONE}


def birth_date_matches(subject_id: uuid.UUID, birth_date: dt.date) -> bool:
    """Return whether this is the birth date on record; False for an unknown or retired record."""
    return Patient.objects.active().filter(pk=subject_id, birth_date=birth_date).exists()


def deliverable_contacts(subject_id: uuid.UUID) -> list[ContactHint]:
    """Return the first e-mail address and the first phone that may be written to, masked; the address first."""
    points = list(ContactPoint.objects.active().filter(patient_id=subject_id, consent=True).order_by("rank", "id"))
    hints = []
    for kind, system in _SYSTEM_OF.items():
        point = next((point for point in points if point.system == system), None)
        if point is not None:
            masked = masked_email(point.value) if system == ContactSystem.EMAIL else masked_phone(point.value)
            hints.append(ContactHint(kind=kind, masked=masked))
    return hints


def contact_matches(subject_id: uuid.UUID, kind: str, value: str) -> bool:
    """Return whether the contact that a code of this kind goes to has this value, whatever its capitals or spacing."""
    system = _SYSTEM_OF.get(kind)
    if system is None:
        return False
    points = ContactPoint.objects.active().filter(patient_id=subject_id, system=system, consent=True)
    first = points.order_by("rank", "id").first()
    plain = value if system == ContactSystem.EMAIL else "".join(value.split())
    return first is not None and first.value_index == index_of_value(system, plain)


@transaction.atomic
def attach_user(subject_id: uuid.UUID, user_id: uuid.UUID) -> None:
    """Give the record its account, in the caller's transaction.

    Raises `AlreadyClaimed` if the record has another account or the account another record, `NotFound` for no record.
    """
    patient = lock_patient(subject_id)
    if patient.user_id == user_id:
        return
    if patient.user_id is not None or not patient.active:
        raise AlreadyClaimed
    patient.user_id = user_id
    try:
        with transaction.atomic():
            patient.save(update_fields=["user"])
    except IntegrityError as error:
        raise AlreadyClaimed from error
    publish(PatientChanged(patient_id=subject_id), aggregate_id=subject_id)


@transaction.atomic
def invite(*, patient_id: uuid.UUID, by: uuid.UUID | None) -> Invitation:
    """Invite the patient to open an account and return the invitation; an earlier open one ends. The link goes out by itself.

    Raises `AlreadyHasAccount`, and `CannotBeInvited` where birth date or a contact that may be written to is missing:
    without them nobody could prove to be the patient.
    """
    patient = lock_patient(patient_id)
    if patient.user_id is not None:
        raise AlreadyHasAccount
    missing = [] if patient.birth_date else ["birth_date"]
    missing += [] if deliverable_contacts(patient_id) else ["contact"]
    if missing or not patient.active:
        raise CannotBeInvited(missing=missing)
    return invitations.invite(subject_id=patient_id, invited_by_id=by)
