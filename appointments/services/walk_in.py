"""Somebody comes without an appointment: found a time today, booked and arrived, in one transaction."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.locks import lock_resources
from appointments.models import Appointment, Priority, Source
from appointments.queries.attending import attending, taken_by
from appointments.queries.availability import Wanted, free_time
from appointments.queries.terms import terms_of
from appointments.rules.overbooking import WALK_IN
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Booking, Caller, Override, book_appointment
from .flow import advance_appointment
from .prioritising import check_priority
from .refusing import STEP

OVERRIDE_REASON: Final = WALK_IN


def add_walk_in(
    *,
    patient_id: uuid.UUID,
    appointment_type_id: uuid.UUID,
    provider_id: uuid.UUID | None,
    caller: Caller,
    reason: str = "",
    priority: str = Priority.ROUTINE,
    may_override: bool = True,
) -> Appointment:
    """Return the visit of a patient who is here: booked at the next free start of today, and arrived.

    With the provider named, or (None) with whoever is free soonest. Where nothing is free today any more, the visit begins
    now, over whatever is there, as an override with the reason “walk-in”: with the provider named, else with whoever is
    there and done soonest; unless `may_override` says no, which raises `SlotTaken` or what else is in the way of now.

    Raises `NotFound` where nobody offers the type, `PatientOverlap` where the patient has a visit now and nothing else is
    free, `NotPermitted` for patients. Everything is locked before anything is looked for, so that what is found is won.
    """
    check_priority(priority, caller)

    def work() -> Appointment:
        found = _found(patient_id, appointment_type_id, provider_id)
        override = Override(caller.signed_in_id, OVERRIDE_REASON) if found.is_taken and may_override else None
        booking = Booking(
            appointment_type_id=appointment_type_id,
            provider_id=found.provider_id,
            patient_id=patient_id,
            start=found.start,
            source=Source.STAFF,
            reason=reason,
            override=override,
            priority=priority,
        )
        visit, _terms = book_appointment(booking, caller=caller)
        expected = Expected(visit.version, by_header=False)
        return advance_appointment(appointment_id=visit.pk, step="arrive", expected=expected, caller=caller)

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


@dataclass(frozen=True, slots=True)
class _Found:
    """With whom and when; `is_taken` where nothing was free any more."""

    provider_id: uuid.UUID
    start: dt.datetime
    is_taken: bool = False


def _found(patient_id: uuid.UUID, appointment_type_id: uuid.UUID, provider_id: uuid.UUID | None) -> _Found:
    now = timezone.now()
    providers = [provider_id] if provider_id else attending(appointment_type_id, now)
    if not providers:
        raise NotFound("Nobody offers this type of visit.")
    terms = terms_of(appointment_type_id=appointment_type_id, provider_id=providers[0])
    lock_resources({*providers, *terms.resources})  # rooms and devices are the type's, whoever uses them
    _midnight, end = terms.local_day(now)
    free = free_time(Wanted(appointment_type_id, now, end, providers))
    own = taken_by(patient_id, now, end)
    for minute, place, _room in free.starts:
        start = dt.datetime.fromtimestamp(minute * 60, dt.UTC)
        until = start + dt.timedelta(minutes=free.durations[place])
        if not any(low < until and start < high for low, high in own):
            return _Found(free.providers[place], start)
    return _Found(providers[0], _begun(now), is_taken=True)


def _begun(now: dt.datetime) -> dt.datetime:
    """Return the last whole five minutes: a visit that begins now, where a calendar would draw it."""
    return now.replace(minute=now.minute - now.minute % STEP, second=0, microsecond=0)
