"""Book a series: every visit of it or none, each as it was planned or where one chose, in one transaction."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import IntegrityError, transaction
from django.utils import timezone

from appointments.errors import SeriesConflicts
from appointments.events import AppointmentBooked
from appointments.locks import lock_patient, lock_resources
from appointments.models import Appointment, Series, Source
from appointments.queries.series.planning import Asked, For, People, Planned, SeriesPlan, planned, terms_for
from appointments.queries.terms import booked_minutes
from appointments.rules.series import Occurrence, Pattern, read_pattern
from appointments.rules.terms import Terms
from appointments.services.booking import Booking, Caller, Place, check_length, insert_visit, place_for
from appointments.services.refusing import malformed_start, refuse_by_constraint
from appointments.services.sweeping import drop_lapsed
from mediconnect.errors import Invalid, NotPermitted
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide, snapshot_is_old
from mediconnect.telemetry.request_id import current_request_id
from patients.services.registration import ensure_registered
from providers.rules.recurrence import UnusableRule

# A series may begin today and not before: what lies behind is booked visit by visit, by whoever knows that it took place.
_FIRST_DAY: Final = "A series begins today or later."


@dataclass(frozen=True, slots=True)
class Choice:
    """What becomes of one occurrence: another start or provider than planned (None: as planned), or no visit at all."""

    start: dt.datetime | None = None
    provider_id: uuid.UUID | None = None
    leave_out: bool = False


@dataclass(frozen=True, slots=True)
class SeriesBooking:
    """What is asked for: a rule as `read_pattern` reads it, by the clinic's clock, and a choice for each number that differs."""

    appointment_type_id: uuid.UUID
    provider_id: uuid.UUID
    patient_id: uuid.UUID
    rrule: str
    starts_on: dt.date
    start_time: dt.time
    minutes: int | None = None
    reason: str = ""
    patient_note: str = ""
    choices: Mapping[int, Choice] = field(default_factory=dict)
    second_provider_id: uuid.UUID | None = None

    @property
    def providers(self) -> set[uuid.UUID]:
        """With whom the visits would be."""
        return {self.provider_id, *(one.provider_id for one in self.choices.values() if one.provider_id)}

    @property
    def people(self) -> People:
        """Return who is there as a rule: the provider, and the second one or None."""
        return self.provider_id, self.second_provider_id

    def what(self, only: Sequence[uuid.UUID] | None = None) -> For:
        """Return for whom and what this is."""
        return For(self.appointment_type_id, self.patient_id, only)


def plan_series(wanted: SeriesBooking, *, caller: Caller, only: Sequence[uuid.UUID] | None = None) -> SeriesPlan:
    """Return what each visit of the series would meet, with what is free instead, and write nothing.

    `only` names the providers who may be offered, None all who offer the type. Raises `Invalid` for a rule that cannot be
    used and for choices that make no sense, `NotFound` for what is not offered, `NotPermitted` for patients, `GroupLength`.
    """
    return _plan(wanted, *_read(wanted, caller), only)


def book_series(
    wanted: SeriesBooking, *, caller: Caller, only: Sequence[uuid.UUID] | None = None
) -> tuple[Series, list[Appointment], Terms]:
    """Return the series and its visits in order, all of them booked, and the terms of the provider it was planned with.

    Each is a visit like any other, with its fact. Where a time is not to be had any more nothing is written: raises
    `SeriesConflicts` with the plan as it is now. Raises what `plan_series` raises besides.
    """
    return decide(lambda: _book(wanted, caller, only), actor_id=caller.user_id, request_id=current_request_id())


def _read(wanted: SeriesBooking, caller: Caller) -> tuple[Pattern, dict[People, Terms]]:
    if caller.patients_own:
        raise NotPermitted("The clinic books series.")
    check_length(wanted.minutes, caller)
    terms = terms_for(wanted.what(), [(one, wanted.second_provider_id) for one in wanted.providers])
    own = terms[wanted.people]
    booked_minutes(own, wanted.minutes, beside_group=False)
    today = timezone.now().astimezone(own.zone).date()
    if wanted.starts_on < today:
        raise Invalid.field("starts_on", _FIRST_DAY)
    horizon = today + dt.timedelta(days=own.horizon_days)
    try:
        pattern = read_pattern(wanted.rrule, wanted.starts_on, wanted.start_time, horizon=horizon)
    except UnusableRule as error:
        raise Invalid.field("rrule", str(error)) from None
    _check_choices(wanted, pattern)
    return pattern, terms


def _check_choices(wanted: SeriesBooking, pattern: Pattern) -> None:
    if not all(1 <= number <= len(pattern.days) for number in wanted.choices):
        raise Invalid.field("choices", "There is no such occurrence.")
    if all(number in wanted.choices and wanted.choices[number].leave_out for number in range(1, len(pattern.days) + 1)):
        raise Invalid.field("choices", "Leave at least one visit.")
    for choice in wanted.choices.values():
        if choice.start is not None:
            malformed_start(choice.start)


def _plan(
    wanted: SeriesBooking, pattern: Pattern, terms: Mapping[People, Terms], only: Sequence[uuid.UUID] | None
) -> SeriesPlan:
    own = terms[wanted.people]
    asked, left_out = list[Asked](), list[Occurrence]()
    for one in pattern.occurrences(own.zone):
        choice = wanted.choices.get(one.number, Choice())
        if choice.leave_out:
            left_out.append(one)
            continue
        provider, start = choice.provider_id or wanted.provider_id, choice.start or one.start
        asked.append(
            Asked(
                one.number,
                start,
                provider,
                wanted.minutes,
                one.skipped and choice.start is None,
                second_id=wanted.second_provider_id,
            )
        )
    return SeriesPlan(pattern, own, planned(wanted.what(only), asked, terms), left_out)


def _book(
    wanted: SeriesBooking, caller: Caller, only: Sequence[uuid.UUID] | None
) -> tuple[Series, list[Appointment], Terms]:
    pattern, terms = _read(wanted, caller)
    lock_resources({thing for one in terms.values() for thing in one.resources})
    lock_patient(wanted.patient_id)
    plan = _plan(wanted, pattern, terms, only)
    drop_lapsed(sorted({hold for one in plan.visits for hold in one.situation.lapsed_holds}))
    if plan.conflicts:
        raise SeriesConflicts(plan)
    writing = None
    try:
        # The savepoint: all visits or none, and a refusal leaves a transaction that can still store its answer.
        with transaction.atomic():
            series, visits = _series(wanted, plan, caller), list[Appointment]()
            ensure_registered(patient_id=wanted.patient_id, clinic_id=plan.terms.clinic_id)
            for number, writing in enumerate(plan.visits, 1):
                visits.append(_write(wanted, series, number, writing))
    except IntegrityError as error:
        if writing is None:
            raise
        fresh = plan if snapshot_is_old() else _plan(wanted, pattern, terms, only)
        raise SeriesConflicts(fresh) if fresh.conflicts else refuse_by_constraint(error, writing.wish) from error
    for visit in visits:
        publish(AppointmentBooked(visit.pk), aggregate_id=visit.pk)
    return series, visits, plan.terms


def _series(wanted: SeriesBooking, plan: SeriesPlan, caller: Caller) -> Series:
    series = Series(
        clinic_id=plan.terms.clinic_id,
        patient_id=wanted.patient_id,
        provider_id=wanted.provider_id,
        appointment_type_id=wanted.appointment_type_id,
        rrule=plan.pattern.text,
        starts_on=wanted.starts_on,
        start_time=wanted.start_time,
        minutes=wanted.minutes,
        size=len(plan.visits),
        left_out=[one.day for one in plan.left_out],
        created_by_id=caller.user_id,
    )
    series.save(force_insert=True)
    return series


def _write(wanted: SeriesBooking, series: Series, number: int, one: Planned) -> Appointment:
    booking = Booking(
        appointment_type_id=wanted.appointment_type_id,
        provider_id=one.asked.provider_id,
        patient_id=wanted.patient_id,
        start=one.asked.start,
        source=Source.STAFF,
        reason=wanted.reason,
        patient_note=wanted.patient_note,
        minutes=wanted.minutes,
        second_provider_id=wanted.second_provider_id,
        series_id=series.pk,
        occurrence=number,
    )
    return insert_visit(booking, one.wish, place_for(one.wish, one.situation, None, Place()))
