"""Take a move back: the visit returns to where it stood before, if that is still to be had."""

import copy
import uuid
from typing import Final

from django.db import IntegrityError, transaction

from appointments.errors import NothingToUndo
from appointments.events import AppointmentMoved
from appointments.locks import lock_appointment, lock_patient_of, lock_resources
from appointments.models import Appointment, FreedTime, Status
from appointments.models.status import MOVABLE
from appointments.queries.situation import Wish, situation_of
from appointments.queries.terms import terms_of
from appointments.rules.admission import Situation, blocked_by
from appointments.rules.terms import Span
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound
from mediconnect.outbox import publish
from mediconnect.records.models import Change
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller, Override, Place, place_for
from .changing import check_status, check_version
from .freeing import free_time_of, left_by
from .moving import occupied_by, rewrite
from .refusing import refuse, refuse_by_constraint
from .sweeping import drop_lapsed
from .waitlist.taking_back import take_back

_MOVED: Final = frozenset({"starts_at", "ends_at", "provider_id", "second_provider_id", "room_id", "device_id"})
_RESTORED: Final = _MOVED | {"buffer_before", "buffer_after", "override_reason", "overridden_by_id", "status"}


def move_back(*, appointment_id: uuid.UUID, expected: Expected, caller: Caller) -> Appointment:
    """Return the visit at the time, provider and length that it had before its last change, if that was a move.

    It returns to its room where that is free, else to another free one, and as the override that it was, if it was one. A
    confirmation is restored: it was given for this very time. Says `AppointmentMoved`, since where the visit is has changed.

    Whoever made the move, and however long ago; what has changed since forbids it: raises `NothingToUndo` where the last
    change was no move, `VersionConflict`, `InvalidTransition`, and `SlotTaken`, `PatientOverlap` or `OutsideAvailability`
    where the old time is not to be had any more. A daily limit counts for new bookings, not here, as for `undo_last_step`.
    Taking this back in its turn moves the visit forth again.
    """
    return decide(
        lambda: _move_back(appointment_id, expected, by_patient=caller.patients_own),
        actor_id=caller.user_id,
        request_id=current_request_id(),
    )


def _move_back(appointment_id: uuid.UUID, expected: Expected, *, by_patient: bool) -> Appointment:
    seen = Appointment.objects.select_related("clinic").filter(pk=appointment_id).first()
    if seen is None:
        raise NotFound
    check_version(seen, expected)
    former = _before(seen)
    terms = terms_of(
        appointment_type_id=former.appointment_type_id,
        provider_id=former.provider_id,
        second_provider_id=former.second_provider_id,
    )
    lock_resources({*terms.resources, *occupied_by(seen), *occupied_by(former)})
    lock_patient_of(seen)
    visit = lock_appointment(appointment_id)
    check_version(visit, expected)
    check_status(visit, MOVABLE)
    take_back(visit, former.starts_at, former.ends_at)
    span = Span(former.starts_at, former.ends_at, former.buffer_before, former.buffer_after)
    wish = Wish(terms, span, visit.patient_id, by_patient=False, own_appointment=visit.pk)
    situation = situation_of(wish)
    drop_lapsed(situation.lapsed_holds)
    override = _override_of(former)
    _check_still_free(wish, situation, override)
    left = left_by(visit)
    try:
        with transaction.atomic():
            place = place_for(wish, situation, override, Place(former.room_id, former.device_id))
            rewrite(visit, wish, override, place, status=Status(former.status))
    except IntegrityError as error:
        raise refuse_by_constraint(error, wish) from error
    free_time_of(left, FreedTime.Cause.MOVED, by_patient=by_patient, now_at=visit)
    publish(AppointmentMoved(visit.pk, visit.version), aggregate_id=visit.pk)
    return visit


def _before(visit: Appointment) -> Appointment:
    """Return the visit as it was before its last change; raises `NothingToUndo` unless that was a move."""
    change = Change.objects.of(visit).filter(version=visit.version).last()
    if change is None or change.operation != "update" or not _MOVED & change.before.keys():
        raise NothingToUndo
    former = copy.copy(visit)
    for column in Appointment._meta.concrete_fields:
        if column.attname in _RESTORED & change.before.keys():
            setattr(former, column.attname, column.to_python(change.before[column.attname]))
    return former


def _override_of(visit: Appointment) -> Override | None:
    return Override(visit.overridden_by_id, visit.override_reason) if visit.overridden_by_id else None


def _check_still_free(wish: Wish, situation: Situation, override: Override | None) -> None:
    for blocked in blocked_by(wish.terms, wish.span, situation, by_patient=False):
        if blocked.rule == "patient_overlap" or (override is None and blocked.rule != "daily_limit"):
            raise refuse(blocked, wish, patient_visit=situation.patient_visit)
