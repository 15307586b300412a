"""The patient's answer to a proposed time: yes moves the visit into the time that is held for it, no puts it on the call list."""

import uuid
from collections.abc import Collection
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import ProposalOver
from appointments.events import AppointmentCancelled, AppointmentMoved
from appointments.locks import lock_appointment, lock_displaced, lock_patient_of, lock_resources
from appointments.models import Appointment, CancellationReason, DisplacedVisit, Hold, Status
from appointments.models.status import MOVABLE
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import terms_of
from appointments.rules.admission import blocked_by
from appointments.rules.terms import Span, Terms
from appointments.services.booking import Caller, Place, place_for
from appointments.services.changing import check_status, write_columns
from appointments.services.moving import occupied_by, rewrite
from appointments.services.refusing import refuse, refuse_by_constraint
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .closing import close

State = DisplacedVisit.State

# The desk may say yes for somebody on the phone before anything was sent; a patient answers what was asked.
_ANSWERABLE: Final = (State.PROPOSED, State.ASKED)

# What may still stand in the way of a time that is held: where the patient is, and whether the provider still works then.
# A day's limit counts for new bookings, and this visit was one when it was booked.
_STILL_ASKED: Final = frozenset({"patient_overlap", "hours"})


def accept_proposal(*, displaced_visit_id: uuid.UUID, caller: Caller) -> Appointment:
    """Move the displaced visit to the time that is held for it and return the visit, in one transaction.

    The time that it leaves lies in the absence, so nobody else is offered it. Raises `NotFound`, `ProposalOver` for a
    proposal that is answered, has run out or was taken back, `InvalidTransition` for a visit that is over,
    `PatientOverlap` where the patient has booked another visit then, `OutsideAvailability` where the hours have changed.
    """
    return decide(lambda: _accept(displaced_visit_id, caller), actor_id=caller.user_id, request_id=current_request_id())


def decline_proposal(*, displaced_visit_id: uuid.UUID, caller: Caller, wants_call: bool = True) -> DisplacedVisit:
    """Take a no to the proposed time and return the row; the held time is free again.

    The visit is on the call list then. Without `wants_call` the patient gives the visit up: it is cancelled, whatever the
    clinic's cut-off, since it is the clinic that took its time away. Raises `NotFound`, `ProposalOver`,
    `InvalidTransition`.
    """

    def work() -> DisplacedVisit:
        visit = lock_appointment(_seen(displaced_visit_id).appointment_id)
        row = lock_displaced(displaced_visit_id)
        _check_stands(row, _ANSWERABLE)
        check_status(visit, MOVABLE)
        if wants_call:
            return close(row, State.DECLINED, answered=True)
        close(row, State.CANCELLED, answered=True)
        visit.status, visit.cancellation_reason, visit.ended_at = Status.CANCELLED, _given_up(caller), timezone.now()
        write_columns(visit, "status", "cancellation_reason", "ended_at")
        publish(AppointmentCancelled(visit.pk, visit.version), aggregate_id=visit.pk)
        return row

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _given_up(caller: Caller) -> str:
    return CancellationReason.PATIENT_REQUEST if caller.patients_own else CancellationReason.PROVIDER_UNAVAILABLE


def _accept(displaced_visit_id: uuid.UUID, caller: Caller) -> Appointment:
    seen = _seen(displaced_visit_id)
    hold = Hold.objects.filter(displaced_visit=displaced_visit_id).first()
    if hold is None:
        raise ProposalOver(state=seen.state)
    terms = terms_for(hold)
    locked = {*terms.resources, *kept_by(hold), *occupied_by(seen.appointment)}
    lock_resources(locked)
    lock_patient_of(seen.appointment)
    visit = lock_appointment(seen.appointment_id)
    row = lock_displaced(displaced_visit_id)
    if not occupied_by(visit) <= locked:
        raise Restart  # it moved between the look and the lock
    _check_stands(row, (State.ASKED,) if caller.patients_own else _ANSWERABLE)
    check_status(visit, MOVABLE)
    hold = Hold.objects.filter(displaced_visit=displaced_visit_id, pk=hold.pk).first()
    if hold is None:
        raise ProposalOver(state=row.state)
    return moved_into(hold, visit, row, terms, State.ACCEPTED)


def moved_into(
    hold: Hold, visit: Appointment, row: DisplacedVisit, terms: Terms, state: DisplacedVisit.State
) -> Appointment:
    """Move a visit into the time that is held for it, write the row's state, and say so; everything concerned is locked.

    Raises `PatientOverlap` or `OutsideAvailability`, and `SlotTaken` for a group that has filled up.
    """
    span = Span(hold.starts_at, hold.ends_at, hold.buffer_before, hold.buffer_after)
    wish = Wish(terms, span, visit.patient_id, by_patient=False, own_appointment=visit.pk, own_hold=hold.pk)
    situation = situation_of(wish)
    for blocked in blocked_by(terms, span, situation, by_patient=False):
        if blocked.rule in _STILL_ASKED:
            raise refuse(blocked, wish, patient_visit=situation.patient_visit)
    try:
        with transaction.atomic():
            hold.delete()
            row.state, row.expires_at = state, None
            row.answered_at = timezone.now() if state == State.ACCEPTED else row.answered_at
            row.save(update_fields=["state", "answered_at", "expires_at"])
            rewrite(visit, wish, None, place_for(wish, situation, None, Place(hold.room_id, hold.device_id)))
    except IntegrityError as error:
        raise refuse_by_constraint(error, wish) from error
    publish(AppointmentMoved(visit.pk, visit.version), aggregate_id=visit.pk)
    return visit


def terms_for(hold: Hold) -> Terms:
    """Return the terms on which the visit will be where the hold keeps a place for it."""
    return terms_of(
        appointment_type_id=hold.appointment_type_id,
        provider_id=hold.provider_id,
        second_provider_id=hold.second_provider_id,
    )


def kept_by(hold: Hold) -> set[uuid.UUID]:
    """Return the providers, room and device that a hold keeps: what is locked before it is used up or renewed."""
    taken = (hold.provider_id, hold.second_provider_id, hold.room_id, hold.device_id)
    return {resource for resource in taken if resource}


def _seen(displaced_visit_id: uuid.UUID) -> DisplacedVisit:
    row = DisplacedVisit.objects.select_related("appointment").filter(pk=displaced_visit_id).first()
    if row is None:
        raise NotFound
    return row


def _check_stands(row: DisplacedVisit, states: Collection[str]) -> None:
    """Raise `ProposalOver` unless the row, locked, is in one of these states and its time is not over."""
    if row.state not in states or (row.expires_at is not None and row.expires_at <= timezone.now()):
        raise ProposalOver(state=row.state)
