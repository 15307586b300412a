"""Cancel visits of a series, and take that back: all that were meant or none, each with its own state and history."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction
from django.db.models.functions import Now

from appointments.errors import NothingToUndo, SeriesOver
from appointments.locks import lock_appointments, lock_patient_of, lock_resources, lock_series
from appointments.models import Appointment, Series, Status
from appointments.models.status import MOVABLE
from appointments.queries.terms import terms_of
from appointments.rules.series import Scope
from appointments.services.booking import Caller
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import occupied_by
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.errors import NotFound, NotPermitted
from mediconnect.resilience.transactions import Restart, decide
from mediconnect.telemetry.request_id import current_request_id

from .which import check_versions, in_turn, is_to_come, meant


@dataclass(frozen=True, slots=True)
class SeriesChange:
    """A series after a change: the visits that it changed, and those that were meant and left alone."""

    series: Series
    changed: Sequence[Appointment]
    left: Sequence[Appointment]


def cancel_series(
    *,
    series_id: uuid.UUID,
    scope: Scope,
    seen_from: int,
    reason: str,
    versions: Mapping[uuid.UUID, int],
    caller: Caller,
) -> SeriesChange:
    """Cancel this visit, it and those that follow, or all, as far as they are still to come; return what became of each.

    `seen_from` is the number of the visit that the scope is seen from, `versions` those that the caller saw, of each visit
    that is to be cancelled: raises `VersionConflict` for another, `SeriesOver` where none is still to come, `NotFound`, and
    `Invalid` for a reason that is none. Nobody who has arrived is sent home by it.
    """
    _staff_only(caller)
    return decide(
        lambda: _cancel(series_id, scope, seen_from, reason, versions, caller),
        actor_id=caller.user_id,
        request_id=current_request_id(),
    )


def _cancel(
    series_id: uuid.UUID, scope: Scope, seen_from: int, reason: str, versions: Mapping[uuid.UUID, int], caller: Caller
) -> SeriesChange:
    series = lock_series(series_id)
    visits = in_turn(lock_appointments(meant(series_id, scope, seen_from)))
    going = [visit for visit in visits if is_to_come(visit)]
    if not going:
        raise SeriesOver
    check_versions(going, versions)
    with transaction.atomic():
        gone = [
            cancel_appointment(appointment_id=visit.pk, reason=reason, expected=_as_it_is(visit), caller=caller)
            for visit in going
        ]
        if not Appointment.objects.filter(series=series.pk, status__in=MOVABLE).exists():
            series.cancelled_at = Now()
            series.save(update_fields=["cancelled_at", "updated_at"])
    return SeriesChange(series, gone, [visit for visit in visits if visit not in going])


def restore_series(*, series_id: uuid.UUID, versions: Mapping[uuid.UUID, int], caller: Caller) -> SeriesChange:
    """Take a cancellation back within two minutes: each of these visits wins its time again, or none does.

    `versions` are those that the cancellation made. Raises `VersionConflict`, and what `undo_last_step` raises for the first
    visit that cannot come back: `SlotTaken`, `PatientOverlap`, `UndoExpired`, `NothingToUndo`.
    """
    _staff_only(caller)
    return decide(
        lambda: _restore(series_id, versions, caller), actor_id=caller.user_id, request_id=current_request_id()
    )


def _restore(series_id: uuid.UUID, versions: Mapping[uuid.UUID, int], caller: Caller) -> SeriesChange:
    seen = list(Appointment.objects.filter(series=series_id, pk__in=list(versions)))
    if len(seen) != len(versions) or not seen:
        raise NotFound
    locked = _needed(seen)
    lock_resources(locked)
    lock_patient_of(seen[0], retired_too=True)
    series = lock_series(series_id)
    visits = in_turn(lock_appointments(versions))
    if not _needed(visits) <= locked:
        raise Restart  # one of them moved between the look and the lock
    check_versions(visits, versions)
    gone = [visit for visit in visits if visit.status == Status.CANCELLED]  # who sends all back means those
    if not gone:
        raise NothingToUndo
    with transaction.atomic():
        back = [undo_last_step(appointment_id=one.pk, expected=_as_it_is(one), caller=caller) for one in gone]
        if series.cancelled_at is not None:
            series.cancelled_at = None
            series.save(update_fields=["cancelled_at", "updated_at"])
    return SeriesChange(series, back, [])


def _needed(visits: Sequence[Appointment]) -> set[uuid.UUID]:
    """Return what has to be locked for these visits to come back: what they occupied, and what their terms may use."""
    pairs = {(visit.appointment_type_id, visit.provider_id) for visit in visits}
    terms = [terms_of(appointment_type_id=kind, provider_id=provider) for kind, provider in pairs]
    return {thing for one in terms for thing in one.resources} | {thing for one in visits for thing in occupied_by(one)}


def _as_it_is(visit: Appointment) -> Expected:
    return Expected(visit.version, by_header=False)


def _staff_only(caller: Caller) -> None:
    if caller.patients_own:
        raise NotPermitted("The clinic changes series; a patient changes one visit at a time.")
