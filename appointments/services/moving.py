"""Move a visit: the old time is freed only if the new one is won, in the same statement."""

import datetime as dt
import uuid

from django.db import IntegrityError, transaction

from appointments.errors import TooLateToMove
from appointments.events import AppointmentMoved
from appointments.locks import lock_appointment, lock_patient, lock_resources
from appointments.models import Appointment, Status
from appointments.models.status import MOVABLE
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import terms_of
from appointments.rules.admission import Situation
from appointments.rules.terms import Terms
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller, Override, admit, place_for
from .changing import check_status, check_version
from .refusing import malformed_start, refuse_by_constraint
from .sweeping import drop_lapsed


def reschedule_appointment(
    *,
    appointment_id: uuid.UUID,
    start: dt.datetime,
    expected: Expected,
    caller: Caller,
    provider_id: uuid.UUID | None = None,
    override: Override | None = None,
) -> tuple[Appointment, Terms]:
    """Return the visit at its new time, with its old identity and history, and the terms of the new one.

    A confirmation lapses with the time that was confirmed. Raises what booking raises, `VersionConflict`,
    `InvalidTransition` once the patient has arrived, and `TooLateToMove` for patients past the clinic's cut-off.
    """
    malformed_start(start)
    return decide(
        lambda: _move(appointment_id, start, expected, caller, provider_id, override),
        actor_id=caller.user_id,
        request_id=current_request_id(),
    )


def _move(
    appointment_id: uuid.UUID,
    start: dt.datetime,
    expected: Expected,
    caller: Caller,
    provider_id: uuid.UUID | None,
    override: Override | None,
) -> tuple[Appointment, Terms]:
    seen = Appointment.objects.filter(pk=appointment_id).first()
    if seen is None:
        raise NotFound
    terms = terms_of(appointment_type_id=seen.appointment_type_id, provider_id=provider_id or seen.provider_id)
    old = {taken for taken in (seen.provider_id, seen.room_id, seen.device_id) if taken}
    lock_resources({*terms.resources, *old})
    lock_patient(seen.patient_id)
    visit = lock_appointment(appointment_id)
    if not {taken for taken in (visit.provider_id, visit.room_id, visit.device_id) if taken} <= {
        *terms.resources,
        *old,
    }:
        raise Restart  # it moved between the look and the lock; what is locked now is not what it occupies
    check_version(visit, expected)
    check_status(visit, MOVABLE)
    wish = Wish(terms, terms.span(start), visit.patient_id, caller.patients_own, own_appointment=visit.pk)
    situation = situation_of(wish)
    if caller.patients_own and situation.now > visit.starts_at - dt.timedelta(hours=terms.move_cutoff_hours):
        raise TooLateToMove(phone=terms.phone or None)
    drop_lapsed(situation.lapsed_holds)
    admit(wish, situation, override)
    try:
        with transaction.atomic():
            _rewrite(visit, wish, situation, override)
    except IntegrityError as error:
        raise refuse_by_constraint(error, wish) from error
    publish(AppointmentMoved(visit.pk, visit.version), aggregate_id=visit.pk)
    return visit, terms


def _rewrite(visit: Appointment, wish: Wish, situation: Situation, override: Override | None) -> None:
    visit.provider_id = wish.terms.provider_id
    visit.starts_at, visit.ends_at = wish.span.start, wish.span.end
    visit.buffer_before, visit.buffer_after = wish.span.buffer_before, wish.span.buffer_after
    visit.override_reason = override.reason if override else ""
    visit.overridden_by_id = override.by_id if override else None
    visit.status = Status.BOOKED
    for column, value in place_for(wish, situation, override, None).columns().items():
        setattr(visit, column, value)
    visit.save()
