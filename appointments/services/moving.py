"""Move a visit: the old time is freed only if the new one is won, in the same statement."""

import datetime as dt
import uuid
from typing import Final, Literal

from django.db import IntegrityError, transaction

from appointments.errors import TooLateToMove
from appointments.events import AppointmentMoved
from appointments.locks import lock_appointment, lock_patient_of, lock_resources
from appointments.models import Appointment, FreedTime, Hold, Status
from appointments.models.status import MOVABLE
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import moved_minutes, terms_of
from appointments.rules.terms import Terms
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller, Override, Place, admit, check_length, check_second, place_for
from .changing import check_status, check_version, write_columns
from .displacing.following import follow
from .freeing import free_time_of, left_by
from .refusing import malformed_start, refuse_by_constraint
from .sweeping import drop_lapsed

# Who is there as well stays so: what a move means that does not speak of a second provider.
KEPT: Final = "kept"

# What a visit's time consists of, besides the place.
_MOVED: Final = (
    "provider", "starts_at", "ends_at", "buffer_before", "buffer_after", "override_reason", "overridden_by", "status",
    "displaced", "second_provider",
)  # fmt: skip


def reschedule_appointment(
    *,
    appointment_id: uuid.UUID,
    start: dt.datetime,
    expected: Expected,
    caller: Caller,
    provider_id: uuid.UUID | None = None,
    override: Override | None = None,
    minutes: int | None = None,
    second_provider_id: uuid.UUID | Literal["kept"] | None = KEPT,
) -> tuple[Appointment, Terms]:
    """Return the visit at its new time, with its old identity and history, and the terms of the new one.

    `minutes` lengthens or shortens it; without, `moved_minutes` says what it keeps. It stays in its room where that is free.
    `second_provider_id` says who is there as well from now on, None nobody, and without it whoever is stays.
    A confirmation lapses with the time that was confirmed. Raises what booking raises, `VersionConflict`,
    `InvalidTransition` once the patient has arrived, and `TooLateToMove` for patients past the clinic's cut-off.
    """
    malformed_start(start)
    check_length(minutes, caller)
    if second_provider_id != KEPT:
        check_second(second_provider_id, caller)
    return decide(
        lambda: _move(appointment_id, start, expected, caller, provider_id, override, minutes, second_provider_id),
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
    minutes: int | None,
    second_provider_id: uuid.UUID | Literal["kept"] | None,
) -> tuple[Appointment, Terms]:
    seen = Appointment.objects.filter(pk=appointment_id).first()
    if seen is None:
        raise NotFound
    terms = terms_of(
        appointment_type_id=seen.appointment_type_id,
        provider_id=provider_id or seen.provider_id,
        second_provider_id=seen.second_provider_id if second_provider_id == KEPT else second_provider_id,
    )
    locked = {*terms.resources, *occupied_by(seen)}
    lock_resources(locked)
    lock_patient_of(seen)
    visit = lock_appointment(appointment_id)
    if not occupied_by(visit) <= locked:
        raise Restart  # it moved between the look and the lock; what is locked now is not what it occupies
    if visit.second_provider_id != seen.second_provider_id:
        raise Restart  # the terms were read for somebody else
    check_version(visit, expected)
    moved = move_under_lock(
        visit,
        terms,
        start,
        by_patient=caller.patients_own,
        freed_at_once=caller.patients_own,
        override=override,
        minutes=minutes,
    )
    return moved, terms


def move_under_lock(
    visit: Appointment,
    terms: Terms,
    start: dt.datetime,
    *,
    by_patient: bool,
    freed_at_once: bool,
    override: Override | None = None,
    minutes: int | None = None,
    hold: Hold | None = None,
) -> Appointment:
    """Return the visit at its new time; what it occupies, the terms' resources, its patient and itself are locked.

    A hold of that time, if any, is used up. What the visit leaves is freed, and told `freed_at_once` or once nobody can take
    the move back. `by_patient` lets the policy for moves that patients make alone count.
    Raises what `reschedule_appointment` raises.
    """
    check_status(visit, MOVABLE)
    lasting = moved_minutes(visit, terms, minutes, beside_group=override is not None)
    wish = Wish(
        terms,
        terms.span(start, lasting),
        visit.patient_id,
        by_patient,
        own_appointment=visit.pk,
        own_hold=hold.pk if hold else None,
    )
    situation = situation_of(wish)
    if by_patient and situation.now > visit.starts_at - dt.timedelta(hours=terms.move_cutoff_hours):
        raise TooLateToMove(phone=terms.phone or None, explain={"hours": terms.move_cutoff_hours})
    drop_lapsed(situation.lapsed_holds)
    admit(wish, situation, override)
    left, liked = left_by(visit), Place(hold.room_id, hold.device_id) if hold else place_of(visit)
    try:
        with transaction.atomic():
            if hold is not None:
                hold.delete()
            rewrite(visit, wish, override, place_for(wish, situation, override, liked))
    except IntegrityError as error:
        raise refuse_by_constraint(error, wish) from error
    free_time_of(left, FreedTime.Cause.MOVED, by_patient=freed_at_once, now_at=visit)
    publish(AppointmentMoved(visit.pk, visit.version), aggregate_id=visit.pk)
    return visit


def occupied_by(visit: Appointment) -> set[uuid.UUID]:
    """Return the providers, room and device of the visit: what is locked before it changes its time."""
    taken = (visit.provider_id, visit.second_provider_id, visit.room_id, visit.device_id)
    return {resource for resource in taken if resource}


def place_of(visit: Appointment) -> Place:
    """Return where the visit is."""
    return Place(visit.room_id, visit.device_id, visit.session_id, visit.seat)


def rewrite(
    visit: Appointment, wish: Wish, override: Override | None, place: Place, *, status: Status = Status.BOOKED
) -> None:
    """Write the visit at its new time and place, old claims given back and new ones won in the same statement.

    The terms of the wish say who its providers are from now on.
    """
    visit.provider_id, visit.second_provider_id = wish.terms.provider_id, wish.terms.second_provider_id
    visit.starts_at, visit.ends_at = wish.span.start, wish.span.end
    visit.buffer_before, visit.buffer_after = wish.span.buffer_before, wish.span.buffer_after
    visit.override_reason = override.reason if override else ""
    visit.overridden_by_id = override.by_id if override else None
    visit.status = status
    was_displaced, visit.displaced = visit.displaced, False  # whatever its time is now, it is one that it can have
    for column, value in place.columns().items():
        setattr(visit, column, value)
    write_columns(visit, *_MOVED, *place.columns())
    if was_displaced:
        follow(visit)
