"""Take the last step back: where a hand slipped, the visit returns to where it stood."""

import datetime as dt
import uuid
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import NothingToUndo, PatientOverlap, SlotTaken, UndoExpired
from appointments.events import AppointmentStepUndone
from appointments.locks import lock_appointment, lock_patient_of, lock_resources
from appointments.models import Appointment, Status
from appointments.models.status import TRANSITIONS
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import terms_of
from appointments.rules.admission import Situation, free_seat
from appointments.rules.terms import Span, Terms
from appointments.rules.undo import UNDO_CANCELLATION
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.records.models import Change
from mediconnect.resilience.transactions import Restart, constraint, decide, snapshot_is_old
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller
from .changing import check_version, write_columns
from .displacing.following import follow
from .moving import occupied_by
from .sweeping import drop_lapsed
from .waitlist.taking_back import take_back

__all__ = ["UNDO_CANCELLATION", "undo_last_step"]

# The moment that each status noted; going back, it is forgotten here and kept in the history.
_MOMENTS: Final = {
    Status.ARRIVED: "arrived_at",
    Status.ROOMED: "roomed_at",
    Status.IN_PROGRESS: "started_at",
    Status.COMPLETED: "ended_at",
    Status.CANCELLED: "ended_at",
    Status.NO_SHOW: "ended_at",
}
_GAVE_TIME_BACK: Final = (Status.CANCELLED, Status.NO_SHOW)


def undo_last_step(*, appointment_id: uuid.UUID, expected: Expected, caller: Caller) -> Appointment:
    """Return the visit as it stood before its last step.

    A cancellation or no-show gave the time back: undoing it wins the time again, or raises `SlotTaken`. A cancellation
    can be undone for two minutes, then `UndoExpired`; a cancelled visit returns as booked, since a confirmation does not
    survive. Raises `NothingToUndo` for a visit that took no step, `NotFound` and `VersionConflict`.
    """
    return decide(lambda: _undo(appointment_id, expected), actor_id=caller.user_id, request_id=current_request_id())


def _undo(appointment_id: uuid.UUID, expected: Expected) -> Appointment:
    seen = Appointment.objects.filter(pk=appointment_id).first()
    if seen is None:
        raise NotFound
    if seen.status in _GAVE_TIME_BACK:
        lock_resources(occupied_by(seen))
        lock_patient_of(seen)
    visit = lock_appointment(appointment_id)
    check_version(visit, expected)
    previous = _previous(visit)
    if visit.status in _GAVE_TIME_BACK:
        take_back(visit, visit.starts_at, visit.ends_at)
        _check_still_free(visit)
    moment = _MOMENTS.get(Status(visit.status))
    if moment:
        setattr(visit, moment, None)
    visit.status, visit.cancellation_reason = previous, ""
    try:
        with transaction.atomic():
            write_columns(visit, "status", "cancellation_reason", *([moment] if moment else []))
    except IntegrityError as error:
        raise _lost(error) from error
    if visit.displaced:
        follow(visit)
    publish(AppointmentStepUndone(visit.pk, visit.version), aggregate_id=visit.pk)
    return visit


def _previous(visit: Appointment) -> Status:
    """Return the status before the last step that was not itself taken back, from the history that the database keeps."""
    steps, moment = _steps(visit)
    # A visit that is booked has taken no step, or came back from a cancellation or a move: those are not undone twice.
    if visit.status == Status.BOOKED or len(steps) < 2:
        raise NothingToUndo
    if visit.status == Status.CANCELLED:
        if timezone.now() - moment > UNDO_CANCELLATION:
            raise UndoExpired
        return Status.BOOKED
    if steps[-2] not in TRANSITIONS[steps[-1]]:
        raise NothingToUndo
    return steps[-2]


def _steps(visit: Appointment) -> tuple[list[Status], dt.datetime]:
    """Return the statuses that led to the present one, undone ones left out, and the moment of the last change."""
    steps: list[Status] = []
    moment = visit.created_at
    for change in Change.objects.of(visit).filter(after__has_key="status").only("after", "at"):
        status, moment = Status(change.after["status"]), change.at
        if len(steps) > 1 and steps[-2] == status:
            steps.pop()
        else:
            steps.append(status)
    return steps, moment


def _check_still_free(visit: Appointment) -> None:
    """Raise `SlotTaken` or `PatientOverlap` unless the time that the visit gave back is still to be had."""
    terms = terms_of(
        appointment_type_id=visit.appointment_type_id,
        provider_id=visit.provider_id,
        second_provider_id=visit.second_provider_id,
    )
    span = Span(visit.starts_at, visit.ends_at, visit.buffer_before, visit.buffer_after)
    situation = situation_of(Wish(terms, span, visit.patient_id, by_patient=False, own_appointment=visit.pk))
    drop_lapsed(situation.lapsed_holds)
    if situation.patient_visit:
        raise PatientOverlap(appointment=str(situation.patient_visit))
    if not visit.override_reason and _taken(visit, terms, situation):
        raise SlotTaken("The time was given to somebody else meanwhile.", alternatives=[])


def _taken(visit: Appointment, terms: Terms, situation: Situation) -> bool:
    if visit.session_id:
        if visit.seat in situation.seats_taken or situation.session_id != visit.session_id:
            return True
        if situation.meets:
            return free_seat(terms, situation) is None
    return any(conflict.resource_id in occupied_by(visit) for conflict in situation.conflicts)


def _lost(error: IntegrityError) -> Exception:
    taken = {"a_resource_is_claimed_once", "a_seat_is_taken_once", "a_visit_lies_inside_the_openings"}
    name = constraint(error)
    if name not in {*taken, "a_patient_is_in_one_place"}:
        return error
    if snapshot_is_old():
        return Restart()  # only a fresh snapshot knows who won
    return (
        SlotTaken("The time was given to somebody else meanwhile.", alternatives=[])
        if name in taken
        else PatientOverlap()
    )
