"""Offers, proposals, tickets and batches as rows: what the tests of the messages about them begin with."""

import datetime as dt
from typing import TYPE_CHECKING, Any

from django.utils import timezone

from appointments.models import (
    Appointment,
    Batch,
    DisplacedVisit,
    Displacement,
    FreedTime,
    Ticket,
    WaitlistEntry,
    WaitlistOffer,
)
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import encode, name_of
from notifications.models import Kind, Message
from patients.models import Patient
from providers.models import TimeOff
from tests.appointments.conftest import SmallClinic

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def told_fact(event: "DataclassInstance") -> Fact:
    """Return the fact of an event, as a handler gets it."""
    return Fact.objects.create(name=name_of(type(event)), args=encode(event))


def wish(place: SmallClinic, patient: Patient | None = None, **columns: Any) -> WaitlistEntry:
    """Return somebody's place on the waitlist of the usual type, with an offer."""
    today = timezone.now().date()
    words: dict[str, Any] = {
        "clinic": place.clinic,
        "patient": patient or place.patients[0],
        "appointment_type": place.kind,
        "from_date": today,
        "until_date": today + dt.timedelta(days=60),
        "state": WaitlistEntry.State.OFFERED,
        "joined_at": timezone.now() - dt.timedelta(days=3),
    }
    return WaitlistEntry.objects.create(**(words | columns))


def offered(
    place: SmallClinic, entry: WaitlistEntry | None = None, *, hour: int = 9, days: int = 4, minutes: int = 30
) -> WaitlistOffer:
    """Return a time that is offered for so many minutes, to the clinic's first patient where no wish is given."""
    starts_at, now = place.at(hour, days=days), timezone.now()
    ends_at = starts_at + dt.timedelta(minutes=30)
    freed = FreedTime.objects.create(
        clinic=place.clinic,
        provider=place.provider,
        starts_at=starts_at,
        ends_at=ends_at,
        cause=FreedTime.Cause.CANCELLED,
        offer_from=now,
    )
    return WaitlistOffer.objects.create(
        entry=entry or wish(place),
        freed_time=freed,
        provider=place.provider,
        starts_at=starts_at,
        ends_at=ends_at,
        made_at=now,
        expires_at=now + dt.timedelta(minutes=minutes),
    )


def offer_message(offer: WaitlistOffer, **columns: Any) -> Message:
    """Return the message that made this offer; a text that is queued."""
    words: dict[str, Any] = {
        "kind": Kind.OFFER,
        "channel": "sms",
        "clinic": offer.entry.clinic,
        "patient": offer.entry.patient,
        "offer": offer,
        "visit_starts_at": offer.starts_at,
        "expires_at": offer.expires_at,
    }
    return Message.objects.create(**(words | columns))


def end(offer: WaitlistOffer, state: str, **columns: Any) -> WaitlistOffer:
    """Let an offer have ended so."""
    words: dict[str, Any] = {"state": state, "ended_at": timezone.now()} | columns
    WaitlistOffer.objects.filter(pk=offer.pk).update(**words)
    offer.refresh_from_db()
    return offer


def proposed(
    place: SmallClinic, visit: Appointment, *, hour: int = 14, days: int = 11, hours: int = 24
) -> DisplacedVisit:
    """Return a visit that time off hit, with a new time asked about for so many hours."""
    away = TimeOff.objects.create(resource=place.provider, starts_at=visit.starts_at, ends_at=visit.ends_at)
    cause = Displacement.objects.create(clinic=place.clinic, time_off=away, created_by=place.desk)
    starts_at = place.at(hour, days=days)
    return DisplacedVisit.objects.create(
        displacement=cause,
        appointment=visit,
        was_provider=visit.provider,
        appointment_type=visit.appointment_type,
        was_starts_at=visit.starts_at,
        was_ends_at=visit.ends_at,
        proposed_provider=place.provider,
        proposed_starts_at=starts_at,
        proposed_ends_at=starts_at + (visit.ends_at - visit.starts_at),
        state=DisplacedVisit.State.ASKED,
        expires_at=timezone.now() + dt.timedelta(hours=hours),
    )


def numbered(visit: Appointment, number: int = 12) -> Ticket:
    """Return the ticket of a visit."""
    day = timezone.now().astimezone(visit.clinic.zone).date()
    return Ticket.objects.create(appointment=visit, clinic=visit.clinic, day=day, number=number)


def noted(place: SmallClinic, words: str = "please bring your card") -> Batch:
    """Return a note to many."""
    return Batch.objects.create(clinic=place.clinic, act=Batch.Act.MESSAGE, words=words, created_by=place.desk)
