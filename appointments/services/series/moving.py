"""Move what follows of a series to another time of day, weekday or provider: planned first, then written whole or not at all."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.db import transaction

from appointments.errors import PatientOverlap, RuleRefusal, SeriesConflicts, SeriesOver, SlotTaken
from appointments.locks import lock_appointments, lock_patient_of, lock_resources, lock_series
from appointments.models import Appointment, Series
from appointments.queries.series.planning import Asked, For, People, Planned, SeriesPlan, Staying, planned, terms_for
from appointments.queries.terms import moved_minutes
from appointments.rules.series import Leap, Scope, in_order
from appointments.rules.terms import Span, Terms
from appointments.services.booking import Caller
from appointments.services.moving import move_under_lock, occupied_by
from appointments.services.sweeping import drop_lapsed
from mediconnect.errors import DomainError, Invalid, NotFound
from mediconnect.resilience.transactions import Restart, decide, snapshot_is_old
from mediconnect.telemetry.request_id import current_request_id

from .cancelling import SeriesChange
from .targets import SeriesMove, Target, check_move, targets_of
from .which import check_versions, in_turn, meant, pattern_of


def plan_move(
    *, series_id: uuid.UUID, wanted: SeriesMove, caller: Caller, only: Sequence[uuid.UUID] | None = None
) -> SeriesPlan:
    """Return what each visit would meet at its new time, and which stay and why; write nothing.

    Raises `NotFound`, `Invalid` for a move that changes nothing, `SeriesOver` where no visit is left to move.
    """
    check_move(wanted, caller)
    series = Series.objects.filter(pk=series_id).first()
    if series is None:
        raise NotFound
    visits = in_turn(list(Appointment.objects.filter(pk__in=meant(series_id, wanted.scope, wanted.seen_from))))
    return _planned(_Going.of(series, visits, wanted), only)


def move_series(
    *,
    series_id: uuid.UUID,
    wanted: SeriesMove,
    versions: Mapping[uuid.UUID, int],
    caller: Caller,
    only: Sequence[uuid.UUID] | None = None,
) -> SeriesChange:
    """Return the series with every visit that goes at its new time, and those that stayed.

    Raises `SeriesConflicts` with the plan as it is now where a time is not to be had: then nothing has moved; and
    `VersionConflict` unless `versions` are those of the visits that go. Raises what `plan_move` raises besides.
    """
    check_move(wanted, caller)
    return decide(
        lambda: _move(series_id, wanted, versions, only), actor_id=caller.user_id, request_id=current_request_id()
    )


@dataclass(frozen=True, slots=True)
class _Going:
    """The visits that go, where to, and those that stay."""

    series: Series
    visits: Mapping[int, Appointment]
    asked: Sequence[Asked]
    staying: Sequence[Staying]
    terms: Mapping[People, Terms]
    wanted: SeriesMove

    @classmethod
    def of(cls, series: Series, visits: Sequence[Appointment], wanted: SeriesMove) -> "_Going":
        """Return which of the visits go; raises `SeriesOver` where none does."""
        targets = targets_of(series, visits, wanted)
        going = [target for target in targets if target.why is None]
        if not going:
            raise SeriesOver
        what = For(series.appointment_type_id, series.patient_id)
        terms, lengths = terms_for(what, {target.people for target in going}), _Lengths()
        asked = [_asked(target, lengths.of(target.visit, terms[target.people])) for target in going]
        staying = [Staying(target.visit, target.why) for target in targets if target.why]
        return cls(
            series,
            {one.number: target.visit for one, target in zip(asked, going, strict=True)},
            asked,
            staying,
            terms,
            wanted,
        )

    @property
    def resources(self) -> set[uuid.UUID]:
        """All that has to be locked: where the visits are, and what they might use where they go."""
        return {thing for one in self.terms.values() for thing in one.resources} | {
            thing for visit in self.visits.values() for thing in occupied_by(visit)
        }


def _asked(target: Target, minutes: int) -> Asked:
    visit = target.visit
    return Asked(
        visit.occurrence or 0,
        target.start,
        target.provider_id,
        minutes,
        target.skipped,
        visit.pk,
        visit.second_provider_id,
    )


class _Lengths:
    """How long each visit lasts where it goes, asked once for each pair of providers and length."""

    def __init__(self) -> None:
        self._known: dict[tuple[uuid.UUID, uuid.UUID, dt.timedelta], int] = {}

    def of(self, visit: Appointment, terms: Terms) -> int:
        """Return the minutes that the visit lasts on these terms."""
        what = (visit.provider_id, terms.provider_id, visit.ends_at - visit.starts_at)
        if what not in self._known:
            self._known[what] = moved_minutes(visit, terms, None, beside_group=False)
        return self._known[what]


def _planned(going: _Going, only: Sequence[uuid.UUID] | None) -> SeriesPlan:
    series = going.series
    visits = planned(For(series.appointment_type_id, series.patient_id, only), going.asked, going.terms)
    pattern = pattern_of(series).shifted(going.wanted.shift)
    return SeriesPlan(pattern, next(iter(going.terms.values())), visits, staying=going.staying)


def _move(
    series_id: uuid.UUID,
    wanted: SeriesMove,
    versions: Mapping[uuid.UUID, int],
    only: Sequence[uuid.UUID] | None,
) -> SeriesChange:
    going = _locked(series_id, wanted)
    check_versions(list(going.visits.values()), versions)
    plan = _planned(going, only)
    drop_lapsed(sorted({hold for one in plan.visits for hold in one.situation.lapsed_holds}))
    if plan.conflicts:
        raise SeriesConflicts(plan)
    try:
        with transaction.atomic():
            moved = [_write(going, plan.visits, number) for number in _order(going, plan.visits)]
            if wanted.scope != Scope.THIS:
                going.series.shifts = [*going.series.shifts, wanted.shift.packed()]
                going.series.save(update_fields=["shifts", "updated_at"])
    except (SlotTaken, PatientOverlap, RuleRefusal) as error:
        raise _refused(error, going, only) from error
    return SeriesChange(going.series, in_turn(moved), [one.visit for one in plan.staying])


def _locked(series_id: uuid.UUID, wanted: SeriesMove) -> _Going:
    """Return the visits that go, locked with all they occupy and might occupy, in the one order (docs/locking.md)."""
    seen = Series.objects.filter(pk=series_id).first()
    if seen is None:
        raise NotFound
    wanted_ids = meant(series_id, wanted.scope, wanted.seen_from)
    resources = _Going.of(seen, in_turn(list(Appointment.objects.filter(pk__in=wanted_ids))), wanted).resources
    lock_resources(resources)
    lock_patient_of(seen)
    series = lock_series(series_id)
    going = _Going.of(series, in_turn(lock_appointments(wanted_ids)), wanted)
    if not going.resources <= resources or series.patient_id != seen.patient_id:
        raise Restart  # something moved between the look and the lock
    return going


def _order(going: _Going, plan: Sequence[Planned]) -> list[int]:
    leaps = [Leap(one.number, _occupied(going.visits[one.number]), one.wish.span.occupied) for one in plan]
    order = in_order(leaps)
    if order is None:
        raise Invalid.field("choices", "Two visits cannot change places in one step. Move one of them elsewhere first.")
    return order


def _occupied(visit: Appointment) -> tuple[dt.datetime, dt.datetime]:
    return Span(visit.starts_at, visit.ends_at, visit.buffer_before, visit.buffer_after).occupied


def _write(going: _Going, plan: Sequence[Planned], number: int) -> Appointment:
    asked = next(one.asked for one in plan if one.number == number)
    return move_under_lock(
        going.visits[number],
        going.terms[asked.people],
        asked.start,
        by_patient=False,
        freed_at_once=False,
        minutes=asked.minutes,
    )


def _refused(error: DomainError, going: _Going, only: Sequence[uuid.UUID] | None) -> DomainError:
    """Return the refusal with the plan as it is now, where that shows what the database saw."""
    if snapshot_is_old():
        return error
    fresh = _planned(going, only)
    return SeriesConflicts(fresh) if fresh.conflicts else error
