"""Offers and proposals as the services make them, with the time really held: what can be accepted."""

import datetime as dt
from typing import Any

from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, FreedTime, Hold, WaitlistEntry, WaitlistOffer
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.waitlist.offering import offer_now
from mediconnect.api.versions import Expected
from notifications.models import MessagePolicy
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.notifications.asked import proposed, wish


def by_day(place: SmallClinic) -> None:
    """Let the clinic know no night, so that a test does the same at every hour."""
    MessagePolicy.objects.update_or_create(
        clinic=place.clinic, defaults={"quiet_from": dt.time(8), "quiet_until": dt.time(8)}
    )


def free(place: SmallClinic, *, patient: int = 1, hour: int = 9, days: int = 4) -> FreedTime:
    """Let a patient book a time and give it back."""
    visit, _ = book_appointment(place.booking(place.at(hour, days=days), patient), caller=place.staff)
    cancel_appointment(
        appointment_id=visit.pk,
        reason="patient_request",
        expected=Expected(visit.version, by_header=False),
        caller=place.patient_caller(patient),
    )
    return FreedTime.objects.get(appointment=visit)


def made_offer(place: SmallClinic, patient: Patient | None = None, **columns: Any) -> WaitlistOffer:
    """Return an offer to the patient, the clinic's first where none is given, of a time that another gave back."""
    by_day(place)
    words: dict[str, Any] = {"state": WaitlistEntry.State.WAITING} | columns
    entry = wish(place, patient, **words)
    offer_now(freed_time_id=free(place).pk)
    return WaitlistOffer.objects.select_related("entry__patient").get(entry=entry)


def made_proposal(place: SmallClinic, visit: Appointment) -> DisplacedVisit:
    """Return the proposal of a new time for a displaced visit, held for it."""
    displaced = proposed(place, visit)
    assert displaced.proposed_starts_at is not None
    assert displaced.proposed_ends_at is not None
    Appointment.objects.filter(pk=visit.pk).update(displaced=True)
    Hold.objects.create(
        clinic=place.clinic,
        provider=place.provider,
        appointment_type=place.kind,
        patient=visit.patient,
        displaced_visit=displaced,
        starts_at=displaced.proposed_starts_at,
        ends_at=displaced.proposed_ends_at,
        expires_at=timezone.now() + dt.timedelta(days=1),
    )
    return displaced
