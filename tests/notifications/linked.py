"""Messages with links, as sending leaves them: what the tests of links begin with."""

import datetime as dt
from typing import Any

from django.utils import timezone

from appointments.models import Appointment, WaitlistOffer
from appointments.services.booking import book_appointment
from notifications.models import Message, Reminder
from notifications.services.linking import mint_link
from patients.models import Patient, index_of_value
from tests.appointments.conftest import SmallClinic

BORN = dt.date(1984, 5, 17)
EMAIL = "lena.moreau@mail.example"


def booked(place: SmallClinic, *, hour: int = 10, days: int = 3, patient: int = 0) -> Appointment:
    """Book a visit at this hour, for a patient of whom the birth date is known."""
    Patient.objects.filter(pk=place.patients[patient].pk).update(birth_date=BORN)
    visit, _terms = book_appointment(
        place.booking(place.at(hour, days=days), patient, reason="a rash that spreads"), caller=place.staff
    )
    return Appointment.objects.get(pk=visit.pk)


def linked_offer(offer: WaitlistOffer, **columns: Any) -> str:
    """Write a sent message that makes this offer, and return the token of its link."""
    patient = offer.entry.patient
    Patient.objects.filter(pk=patient.pk).update(birth_date=BORN)
    return _linked(
        {
            "kind": Message.Kind.OFFER,
            "clinic_id": offer.entry.clinic_id,
            "patient_id": patient.pk,
            "offer": offer,
            "visit_starts_at": offer.starts_at,
        }
        | columns
    )[1]


def linked(visit: Appointment, *others: Appointment, **columns: Any) -> str:
    """Write a sent message that tells of these visits, and return the token of its link."""
    message, token = _linked(
        {
            "kind": Message.Kind.BOOKED,
            "clinic_id": visit.clinic_id,
            "patient_id": visit.patient_id,
            "visit": visit,
            "visit_version": visit.version,
            "visit_starts_at": visit.starts_at,
        }
        | columns
    )
    for other in others:
        Reminder.objects.create(
            visit=other,
            visit_version=other.version,
            visit_starts_at=other.starts_at,
            lead_minutes=60,
            due_at=timezone.now(),
            state=Reminder.State.TAKEN,
            message=message,
            decided_at=timezone.now(),
        )
    return token


def _linked(columns: dict[str, Any]) -> tuple[Message, str]:
    words: dict[str, Any] = {
        "channel": Message.Channel.EMAIL,
        "recipient": EMAIL,
        "recipient_index": index_of_value("email", EMAIL),
        "language": "en",
        "state": Message.State.SENT,
        "sent_at": timezone.now(),
    }
    message = Message.objects.create(**(words | columns))
    link = mint_link(message.pk)
    Message.objects.filter(pk=message.pk).update(link_hash=link.hash)
    return message, link.url.rstrip("/").rpartition("/")[2]
