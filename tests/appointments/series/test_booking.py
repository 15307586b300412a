"""A series is planned in full before anything is written, and booked whole or not at all."""

import datetime as dt
import itertools
from collections.abc import Callable
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from appointments.errors import GroupLength, SeriesConflicts
from appointments.models import Appointment, Series, Session
from appointments.services.booking import book_appointment, insert_visit
from appointments.services.series.booking import Choice, book_series, plan_series
from mediconnect.errors import Invalid, NotFound, NotPermitted
from mediconnect.outbox.models import Fact
from providers.models import AppointmentType, Clinic
from providers.services.absences import enter_closure
from tests.appointments.conftest import SmallClinic, add_room
from tests.concurrency.clinics import second_provider

from .conftest import weekly

pytestmark = pytest.mark.django_db

WEEK = dt.timedelta(weeks=1)


def taken(place: SmallClinic, week: int, hour: int = 9, minute: int = 0, patient: int = 1) -> Appointment:
    """Let somebody else have the time of one of the weeks."""
    return book_appointment(
        place.booking(place.at(hour, minute, days=2 + 7 * week), patient=patient), caller=place.staff
    )[0]


def rules(place: SmallClinic, wanted: Any) -> list[list[str]]:
    return [[rule.rule for rule in one.blocked] for one in plan_series(wanted, caller=place.staff).visits]


def test_a_plan_writes_nothing_and_a_series_is_normal_visits(year: SmallClinic) -> None:
    plan = plan_series(weekly(year), caller=year.staff)
    assert [one.free for one in plan.visits] == [True] * 4
    assert not Appointment.objects.exists()
    series, visits, _terms = book_series(weekly(year, reason="physiotherapy"), caller=year.staff)
    rows = Appointment.objects.order_by("starts_at")
    assert [row.pk for row in rows] == [visit.pk for visit in visits]
    assert [row.starts_at for row in rows] == [year.at(9, days=2 + 7 * week) for week in range(4)]
    assert [(row.series_id, row.occurrence, row.status, row.reason) for row in rows] == [
        (series.pk, number, "booked", "physiotherapy") for number in range(1, 5)
    ]
    assert (series.rrule, series.size, series.created_by_id) == ("FREQ=WEEKLY;COUNT=4", 4, year.desk.pk)
    assert Fact.objects.filter(name__endswith="AppointmentBooked").count() == 4


def test_each_rule_in_the_way_is_named(year: SmallClinic) -> None:
    taken(year, 0)
    taken(year, 1, patient=0, hour=9, minute=15)
    enter_closure(
        clinic_id=year.clinic.pk, starts_at=year.at(0, days=16), ends_at=year.at(23, days=16), reason="Painters"
    )
    found = rules(year, weekly(year, 4))
    assert found[0] == ["booked"]
    assert found[1][0] == "patient_overlap"
    assert found[3] == []


def test_a_conflict_comes_with_what_is_nearest_of_the_same_day_first(year: SmallClinic) -> None:
    taken(year, 1)
    plan = plan_series(weekly(year), caller=year.staff)
    assert [one.number for one in plan.conflicts] == [2]
    starts = [one.start for one in plan.conflicts[0].alternatives]
    nine = year.at(9, days=9)
    half = dt.timedelta(minutes=30)
    assert starts == [nine - half, nine + half, nine - 2 * half]


def test_the_same_provider_comes_before_another_and_the_same_day_before_both(year: SmallClinic) -> None:
    other = second_provider(year)
    taken(year, 1)
    (conflict,) = plan_series(weekly(year), caller=year.staff).conflicts
    assert {one.provider_id for one in conflict.alternatives} == {year.provider.pk}
    (conflict,) = plan_series(weekly(year), caller=year.staff, only=[other.pk]).conflicts
    assert {one.provider_id for one in conflict.alternatives} == {other.pk}
    assert conflict.alternatives[0].start == year.at(9, days=9)


def test_no_time_is_offered_twice_or_while_the_patient_is_busy(year: SmallClinic) -> None:
    for day in range(3):
        book_appointment(year.booking(year.at(9, days=2 + day), patient=1), caller=year.staff)
    plan = plan_series(weekly(year, rrule="FREQ=DAILY;COUNT=4"), caller=year.staff)
    offered = [one for planned in plan.conflicts for one in planned.alternatives]
    assert len(offered) == 9
    ranges = sorted((one.start, one.end) for one in offered)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(ranges))


def test_beyond_the_calendar_is_said_so(place: SmallClinic) -> None:
    Clinic.objects.filter(pk=place.clinic.pk).update(horizon_days=20)
    found = rules(place, weekly(place, 8))
    assert found[0] == []
    assert found[-1] == ["horizon"]


def test_a_lost_time_writes_nothing_and_brings_the_plan(year: SmallClinic) -> None:
    taken(year, 2)
    with pytest.raises(SeriesConflicts) as refusal, transaction.atomic():
        book_series(weekly(year), caller=year.staff)
    assert [one.number for one in refusal.value.plan.conflicts] == [3]
    assert not Series.objects.exists()
    assert Appointment.objects.count() == 1


def test_choices_another_time_another_provider_and_none(year: SmallClinic) -> None:
    other = second_provider(year)
    taken(year, 1)
    taken(year, 2)
    choices = {
        2: Choice(start=year.at(10, days=9)),
        3: Choice(provider_id=other.pk),
        4: Choice(leave_out=True),
    }
    series, visits, _ = book_series(weekly(year, 5, choices=choices), caller=year.staff)
    assert [(visit.occurrence, visit.starts_at, visit.provider_id) for visit in visits] == [
        (1, year.at(9, days=2), year.provider.pk),
        (2, year.at(10, days=9), year.provider.pk),
        (3, year.at(9, days=16), other.pk),
        (4, year.at(9, days=30), year.provider.pk),
    ]
    assert (series.size, series.left_out) == (4, [year.at(9, days=23).date()])


def test_two_choices_that_meet_are_a_conflict_of_the_later(year: SmallClinic) -> None:
    choices = {2: Choice(start=year.at(9, 15, days=2))}
    assert rules(year, weekly(year, choices=choices))[1] == ["patient_overlap", "booked"]


def test_the_daily_limit_counts_the_series_own_visits(year: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=year.kind.pk).update(daily_limit=1)
    assert rules(year, weekly(year, choices={2: Choice(start=year.at(11, days=2))}))[1] == ["daily_limit"]


def test_buffers_between_own_visits_count(year: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=year.kind.pk).update(buffer_after=15)
    assert rules(year, weekly(year, choices={2: Choice(start=year.at(9, 35, days=2))}))[1] == ["buffer"]


def test_a_failure_halfway_leaves_nothing(year: SmallClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    real: Callable[..., Appointment] = insert_visit

    def failing(*args: Any) -> Appointment:
        if Appointment.objects.count() == 2:
            raise IntegrityError
        return real(*args)

    monkeypatch.setattr("appointments.services.series.booking.insert_visit", failing)
    with pytest.raises(IntegrityError), transaction.atomic():
        book_series(weekly(year), caller=year.staff)
    assert not Appointment.objects.exists()
    assert not Series.objects.exists()
    assert not Fact.objects.filter(name__endswith="AppointmentBooked").exists()


def test_rooms_are_taken_and_a_group_seats_the_patient_each_week(year: SmallClinic) -> None:
    room = add_room(year)
    _series, visits, _ = book_series(weekly(year), caller=year.staff)
    assert {visit.room_id for visit in visits} == {room.pk}
    group = AppointmentType.objects.create(clinic=year.clinic, name="Group", capacity=2)
    book_series(weekly(year, hour=14, appointment_type_id=group.pk), caller=year.staff)
    book_series(weekly(year, hour=14, appointment_type_id=group.pk, patient_id=year.patients[1].pk), caller=year.staff)
    assert Session.objects.count() == 4
    third = weekly(year, hour=14, appointment_type_id=group.pk, patient_id=year.patients[2].pk)
    assert rules(year, third) == [["booked"]] * 4
    with pytest.raises(GroupLength):
        plan_series(weekly(year, appointment_type_id=group.pk, minutes=45), caller=year.staff)


def test_through_both_changes_of_the_clock_each_visit_is_at_nine(year: SmallClinic) -> None:
    _series, visits, _ = book_series(weekly(year, 52), caller=year.staff)
    clock = ZoneInfo("America/New_York")
    assert {visit.starts_at.astimezone(clock).time() for visit in visits} == {dt.time(9)}
    assert len({visit.starts_at.astimezone(clock).utcoffset() for visit in visits}) == 2


@pytest.mark.parametrize("blocked", [0, 5, 52])
def test_fifty_two_weeks_are_planned_in_a_handful_of_statements(
    year: SmallClinic, blocked: int, django_assert_max_num_queries: Any
) -> None:
    second_provider(year)
    for week in range(blocked):
        Appointment.objects.bulk_create(
            [
                Appointment(
                    clinic=year.clinic,
                    provider=year.provider,
                    appointment_type=year.kind,
                    patient=year.patients[1],
                    starts_at=year.at(9, days=2 + 7 * week),
                    ends_at=year.at(9, 30, days=2 + 7 * week),
                )
            ]
        )
    with django_assert_max_num_queries(6):
        plan = plan_series(weekly(year, 52), caller=year.staff)
    assert len(plan.conflicts) == blocked
    assert all(len(one.alternatives) == 3 for one in plan.conflicts)


def test_what_makes_no_sense_is_refused(year: SmallClinic) -> None:
    for words, field in (
        ({"rrule": "FREQ=WEEKLY"}, "rrule"),
        ({"starts_on": year.at(9, days=-1).date()}, "starts_on"),
        ({"choices": {9: Choice(leave_out=True)}}, "choices"),
        ({"choices": {number: Choice(leave_out=True) for number in range(1, 5)}}, "choices"),
        ({"choices": {1: Choice(start=year.at(9).replace(second=1))}}, "start"),
        ({"minutes": 7}, "minutes"),
    ):
        with pytest.raises(Invalid) as refusal:
            plan_series(weekly(year, **words), caller=year.staff)
        assert list(refusal.value.extra["errors"]) == [field]
    with pytest.raises(NotPermitted):
        plan_series(weekly(year), caller=year.patient_caller())
    with pytest.raises(NotFound):
        plan_series(weekly(year, provider_id=year.patients[0].pk), caller=year.staff)
