"""Write down a visit that is over, brought from another system: history, of which nobody is told and nothing is asked."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import PatientOverlap, SlotTaken
from appointments.locks import lock_patient, lock_resources
from appointments.models import Appointment, CancellationReason, Source, Status
from appointments.queries.terms import terms_of
from mediconnect.errors import DomainError, Invalid
from mediconnect.resilience.transactions import constraint, decide
from mediconnect.telemetry.request_id import current_request_id
from patients.services.registration import ensure_registered

from .booking import Caller
from .refusing import malformed_length, malformed_start

OVER: Final = (Status.COMPLETED, Status.CANCELLED, Status.NO_SHOW)

_SENTENCES: Final[dict[str, type[DomainError]]] = {
    "a_resource_is_claimed_once": SlotTaken,
    "a_patient_is_in_one_place": PatientOverlap,
    "a_visit_is_booked_once": PatientOverlap,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PastVisit:
    """A visit as it was; `status` says how it ended, `minutes` is its length or None for the usual one."""

    appointment_type_id: uuid.UUID
    provider_id: uuid.UUID
    patient_id: uuid.UUID
    start: dt.datetime
    status: str
    minutes: int | None = None
    reason: str = ""


def record_past_visit(past: PastVisit, *, caller: Caller) -> Appointment:
    """Return the visit, written as it ended, with no fact published: what is long over is no news.

    A completed one keeps the time that it took, without buffers; it need not lie inside today's hours. Raises `NotFound`
    for what is not offered, `Invalid` for a visit that is not over or a group's, `SlotTaken` and `PatientOverlap` for one
    that meets another.
    """
    malformed_start(past.start)
    malformed_length(past.minutes)
    if past.status not in OVER:
        raise Invalid.field("status", "A visit of the past is completed, cancelled or a no-show.")
    return decide(lambda: _record(past), actor_id=caller.user_id, request_id=current_request_id())


def _record(past: PastVisit) -> Appointment:
    terms = terms_of(appointment_type_id=past.appointment_type_id, provider_id=past.provider_id)
    span = terms.span(past.start, past.minutes)
    if span.end > timezone.now():
        raise Invalid.field("start", "A visit that is not over yet is booked, not written down.")
    if terms.is_group:
        raise Invalid.field("appointment_type", "Visits of groups are not brought along once they are over.")
    lock_resources([past.provider_id])
    lock_patient(past.patient_id)
    cancelled = past.status == Status.CANCELLED
    visit = Appointment(
        clinic_id=terms.clinic_id,
        provider_id=past.provider_id,
        appointment_type_id=past.appointment_type_id,
        patient_id=past.patient_id,
        starts_at=span.start,
        ends_at=span.end,
        status=past.status,
        source=Source.IMPORTED,
        reason=past.reason,
        # Whose reason it was nobody knows any more.
        cancellation_reason=CancellationReason.CLINIC_OTHER if cancelled else "",
        ended_at=span.end if past.status == Status.COMPLETED else span.start,
    )
    try:
        with transaction.atomic():
            ensure_registered(patient_id=past.patient_id, clinic_id=terms.clinic_id)
            visit.save(force_insert=True)
    except IntegrityError as error:
        kind = _SENTENCES.get(constraint(error))
        if kind is None:
            raise
        raise kind from error
    return visit
