"""Hold a time for a few minutes, and give it back."""

import datetime as dt
import uuid
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from appointments.errors import HoldLimit
from appointments.events import HoldPlaced
from appointments.locks import lock_hold, lock_patient, lock_resources
from appointments.models import Hold
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import booked_minutes, terms_of
from appointments.rules.admission import free_of
from appointments.rules.terms import Terms
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller, admit, check_length, check_second
from .refusing import malformed_start, refuse_by_constraint
from .sweeping import drop_lapsed, release

# A patient types one booking at a time; more would let a script empty the calendar (reliability.md, API6).
PATIENT_HOLDS: Final = 2
STAFF_HOLDS: Final = 10


def place_hold(
    *,
    appointment_type_id: uuid.UUID,
    provider_id: uuid.UUID,
    start: dt.datetime,
    caller: Caller,
    patient_id: uuid.UUID | None = None,
    minutes: int | None = None,
    second_provider_id: uuid.UUID | None = None,
) -> tuple[Hold, Terms]:
    """Return a hold on the time, for as many minutes as the clinic allows, and its terms.

    Refused like a booking of the same time and length, and with `HoldLimit` where the caller holds enough already. The first hold on
    a group that has not met keeps the group's whole time; on one that has, a seat.
    """
    malformed_start(start)
    check_length(minutes, caller)
    check_second(second_provider_id, caller)

    def work() -> tuple[Hold, Terms]:
        terms = terms_of(
            appointment_type_id=appointment_type_id, provider_id=provider_id, second_provider_id=second_provider_id
        )
        lock_resources(terms.resources)
        if patient_id is not None:
            lock_patient(patient_id)
        _check_limit(caller)
        span = terms.span(start, booked_minutes(terms, minutes, beside_group=False))
        wish = Wish(terms, span, patient_id, caller.patients_own)
        situation = situation_of(wish)
        drop_lapsed(situation.lapsed_holds)
        admit(wish, situation)
        hold = Hold(
            clinic_id=terms.clinic_id,
            provider_id=provider_id,
            second_provider_id=second_provider_id,
            appointment_type_id=appointment_type_id,
            room_id=free_of(terms.rooms, situation),
            device_id=free_of(terms.devices, situation),
            session_id=situation.session_id if situation.meets else None,
            patient_id=patient_id,
            held_by_id=caller.signed_in_id,
            starts_at=wish.span.start,
            ends_at=wish.span.end,
            buffer_before=terms.buffer_before,
            buffer_after=terms.buffer_after,
            expires_at=situation.now + dt.timedelta(minutes=terms.hold_minutes),
        )
        try:
            with transaction.atomic():
                hold.save(force_insert=True)
        except IntegrityError as error:
            raise refuse_by_constraint(error, wish) from error
        publish(HoldPlaced(hold.pk), aggregate_id=hold.pk)
        return hold, terms

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _check_limit(caller: Caller) -> None:
    live = Hold.objects.filter(held_by=caller.signed_in_id, expires_at__gt=Now()).count()
    if live >= (PATIENT_HOLDS if caller.patients_own else STAFF_HOLDS):
        raise HoldLimit


def release_hold(*, hold_id: uuid.UUID, caller: Caller) -> None:
    """Give the caller's hold back. Raises `NotFound` for one that is not the caller's, has lapsed or never was."""

    def work() -> None:
        release(lock_hold(hold_id, held_by=caller.signed_in_id))

    decide(work, actor_id=caller.user_id, request_id=current_request_id())
