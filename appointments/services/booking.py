"""Book a visit: lock, look, decide, write, and say so, in one transaction."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NoReturn

from django.db import IntegrityError, transaction

from appointments.errors import HoldMismatch
from appointments.events import AppointmentBooked
from appointments.locks import lock_patient, lock_resources
from appointments.models import Appointment, Hold, Priority, Session
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import booked_minutes, terms_of
from appointments.rules.admission import Situation, blocked_by, free_of, free_seat
from appointments.rules.terms import Terms
from mediconnect.errors import NotFound, NotPermitted
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from patients.services.registration import ensure_registered

from .overbooking import spend
from .refusing import malformed_length, malformed_start, refuse, refuse_by_constraint
from .sweeping import drop_lapsed


@dataclass(frozen=True, slots=True)
class Override:
    """That a member of staff with the right puts a visit where the rules would not, and why."""

    by_id: uuid.UUID
    reason: str


@dataclass(frozen=True, slots=True)
class Caller:
    """Who books: for holds, policy and history. `patients_own` is true for a patient booking alone.

    Without `user_id` it is a patient who did not sign in: by the link in a message, or by an answer to one.
    """

    user_id: uuid.UUID | None
    patients_own: bool

    @property
    def signed_in_id(self) -> uuid.UUID:
        """Who signed in; raises `NotPermitted` for somebody who did not."""
        if self.user_id is None:
            raise NotPermitted("This needs a sign-in.")
        return self.user_id


@dataclass(frozen=True, slots=True)
class Place:
    """Where a visit goes: its room and device, and its seat in a group's session."""

    room_id: uuid.UUID | None = None
    device_id: uuid.UUID | None = None
    session_id: uuid.UUID | None = None
    seat: int | None = None

    def columns(self) -> dict[str, Any]:
        """Return the columns of an appointment that say so."""
        return {"room_id": self.room_id, "device_id": self.device_id, "session_id": self.session_id, "seat": self.seat}


@dataclass(frozen=True, slots=True)
class Booking:
    """What is asked for.

    `start` is a whole minute, `minutes` a length or None for the usual one; `source` is one of `Source`, `priority` of
    `Priority`. A visit of a series names it, with its number there. `second_provider_id` is who is there as well: both are free,
    or nothing is booked.
    """

    appointment_type_id: uuid.UUID
    provider_id: uuid.UUID
    patient_id: uuid.UUID
    start: dt.datetime
    source: str
    hold_id: uuid.UUID | None = None
    reason: str = ""
    patient_note: str = ""
    override: Override | None = None
    minutes: int | None = None
    priority: str = Priority.ROUTINE
    series_id: uuid.UUID | None = None
    occurrence: int | None = None
    second_provider_id: uuid.UUID | None = None


def book_appointment(booking: Booking, *, caller: Caller) -> tuple[Appointment, Terms]:
    """Return the booked visit and the terms it was booked on.

    A hold of the caller's on that time is used up; one that has lapsed does not matter. Raises `NotFound` for what is not
    offered, `SlotTaken` with alternatives, `PatientOverlap`, the refusals of the rules (422), and `TryAgain`; `Invalid` for
    a length that no visit has, `NotPermitted` for a patient who asks for one or for a second provider, `GroupLength` for a
    group's, `NoSecondProvider`.
    Boundary, locks and what a failure leaves behind: docs/locking.md.
    """
    malformed_start(booking.start)
    check_length(booking.minutes, caller)
    check_second(booking.second_provider_id, caller)
    return decide(lambda: _book(booking, caller), actor_id=caller.user_id, request_id=current_request_id())


def _book(booking: Booking, caller: Caller) -> tuple[Appointment, Terms]:
    terms = terms_of(
        appointment_type_id=booking.appointment_type_id,
        provider_id=booking.provider_id,
        second_provider_id=booking.second_provider_id,
    )
    lock_resources(terms.resources)
    lock_patient(booking.patient_id)
    hold = _hold_of(booking.hold_id, caller, terms, booking.start) if booking.hold_id else None
    return book_under_lock(booking, terms, by_patient=caller.patients_own, hold=hold), terms


def book_under_lock(booking: Booking, terms: Terms, *, by_patient: bool, hold: Hold | None) -> Appointment:
    """Return the booked visit, the terms' resources and the patient being locked; the hold, if any, is used up.

    `by_patient` lets the policy for bookings that patients make alone count. Raises what `book_appointment` raises.
    """
    minutes = booked_minutes(terms, booking.minutes, beside_group=booking.override is not None)
    span = terms.span(booking.start, minutes)
    wish = Wish(terms, span, booking.patient_id, by_patient, own_hold=hold.pk if hold else None)
    situation = situation_of(wish)
    drop_lapsed(situation.lapsed_holds)
    admit(wish, situation, booking.override)
    try:
        # The savepoint: a refusal by the database leaves a transaction that can still store the answer.
        with transaction.atomic():
            ensure_registered(patient_id=booking.patient_id, clinic_id=terms.clinic_id)
            if hold is not None:
                hold.delete()
            visit = insert_visit(booking, wish, place_for(wish, situation, booking.override, _place_of(hold)))
    except IntegrityError as error:
        raise refuse_by_constraint(error, wish) from error
    publish(AppointmentBooked(visit.pk), aggregate_id=visit.pk)
    return visit


def insert_visit(booking: Booking, wish: Wish, place: Place) -> Appointment:
    """Write the row of an admitted visit; the database may still refuse it."""
    visit = Appointment(
        clinic_id=wish.terms.clinic_id,
        provider_id=booking.provider_id,
        second_provider_id=booking.second_provider_id,
        appointment_type_id=booking.appointment_type_id,
        patient_id=booking.patient_id,
        starts_at=wish.span.start,
        ends_at=wish.span.end,
        buffer_before=wish.span.buffer_before,
        buffer_after=wish.span.buffer_after,
        source=booking.source,
        priority=booking.priority,
        series_id=booking.series_id,
        occurrence=booking.occurrence,
        reason=booking.reason,
        patient_note=booking.patient_note,
        override_reason=booking.override.reason if booking.override else "",
        overridden_by_id=booking.override.by_id if booking.override else None,
        **place.columns(),
    )
    visit.save(force_insert=True)
    return visit


def _hold_of(hold_id: uuid.UUID, caller: Caller, terms: Terms, start: dt.datetime) -> Hold | None:
    hold = Hold.objects.filter(pk=hold_id).first()
    if hold is None:
        return None  # lapsed and swept: the booking competes like any other
    if hold.held_by_id != caller.user_id:
        raise NotFound("There is no such hold.")
    if (hold.provider_id, hold.second_provider_id, hold.appointment_type_id, hold.starts_at) != (
        terms.provider_id,
        terms.second_provider_id,
        terms.appointment_type_id,
        start,
    ):
        raise HoldMismatch
    return hold


def _place_of(hold: Hold | None) -> Place:
    return Place(hold.room_id, hold.device_id) if hold else Place()


def check_length(minutes: int | None, caller: Caller) -> None:
    """Raise `Invalid` for a length that no visit has, and `NotPermitted` for a patient who asks for any."""
    malformed_length(minutes)
    if minutes is not None and caller.patients_own:
        raise NotPermitted("Only staff may say how long a visit lasts.")


def check_second(second_provider_id: object, caller: Caller) -> None:
    """Raise `NotPermitted` for a patient who asks for a second provider."""
    if second_provider_id is not None and caller.patients_own:
        raise NotPermitted("Only staff may book two providers together.")


def admit(wish: Wish, situation: Situation, override: Override | None = None) -> None:
    """Raise the first refusal of the rules, or none. An override passes every rule but that nobody is in two places."""
    for blocked in blocked_by(wish.terms, wish.span, situation, by_patient=wish.by_patient):
        if override is None or blocked.rule == "patient_overlap":
            _raise(refuse(blocked, wish, patient_visit=situation.patient_visit))
    if override is not None:
        spend(override.by_id, wish, why=override.reason)


def _over(things: Sequence[uuid.UUID], liked: uuid.UUID | None) -> uuid.UUID | None:
    """Return the room or device that an override shares with whoever has it."""
    return liked if liked in things else next(iter(things), None)


def _raise(error: Exception) -> NoReturn:
    raise error


def place_for(wish: Wish, situation: Situation, override: Override | None, liked: Place) -> Place:
    """Return where an admitted visit goes: where it is `liked` (held, or until now) if free, else the first free place.

    In a group that is the lowest free seat. An override takes a room even if none is free, and never a seat: it is beside
    the group, not in it.
    """
    terms = wish.terms
    room = free_of(terms.rooms, situation, liked=liked.room_id)
    device = free_of(terms.devices, situation, liked=liked.device_id)
    if override is not None:
        return Place(room or _over(terms.rooms, liked.room_id), device or _over(terms.devices, liked.device_id))
    if not terms.is_group:
        return Place(room, device)
    if situation.session_id is None:
        session = Session.objects.create(
            clinic_id=terms.clinic_id,
            provider_id=terms.provider_id,
            appointment_type_id=terms.appointment_type_id,
            room_id=room,
            device_id=device,
            starts_at=wish.span.start,
            ends_at=wish.span.end,
            buffer_before=terms.buffer_before,
            buffer_after=terms.buffer_after,
            capacity=terms.capacity,
        )
        return Place(room, device, session.pk, 1)
    session = Session.objects.get(pk=situation.session_id)
    if not situation.meets and (session.room_id, session.device_id) != (room, device):
        session.room_id, session.device_id = room, device  # everybody had left, and others are in its room now
        session.save()
    return Place(session.room_id, session.device_id, session.pk, free_seat(terms, situation))
