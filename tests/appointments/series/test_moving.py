"""A series moves as it was planned: all that go, in an order in which they make room for each other, or none."""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import transaction

from appointments.errors import SeriesConflicts, SeriesOver
from appointments.models import Appointment, Series
from appointments.rules.series import Scope
from appointments.services.booking import book_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.series.booking import Choice, book_series
from appointments.services.series.cancelling import SeriesChange
from appointments.services.series.moving import move_series, plan_move
from appointments.services.series.targets import SeriesMove
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, VersionConflict
from mediconnect.outbox.models import Fact
from providers.models import AppointmentType
from tests.appointments.conftest import SmallClinic, add_room
from tests.concurrency.clinics import second_provider

from .conftest import weekly

pytestmark = pytest.mark.django_db

CLOCK = ZoneInfo("America/New_York")
FIRST = Expected(1, by_header=False)


def booked(place: SmallClinic, count: int = 4, **changes: Any) -> tuple[Series, list[Appointment]]:
    series, visits, _ = book_series(weekly(place, count, **changes), caller=place.staff)
    return series, visits


def move(place: SmallClinic, series: Series, wanted: SeriesMove) -> SeriesChange:
    seen: dict[uuid.UUID, int] = dict(Appointment.objects.filter(series=series).values_list("pk", "version"))
    return move_series(series_id=series.pk, wanted=wanted, versions=seen, caller=place.staff)


def times(series: Series) -> list[str]:
    rows = Appointment.objects.filter(series=series).order_by("occurrence").values_list("starts_at", flat=True)
    return [f"{start.astimezone(CLOCK):%H:%M}" for start in rows]


def test_all_that_follow_go_to_ten(year: SmallClinic) -> None:
    series, _ = booked(year)
    change = move(year, series, SeriesMove(Scope.FOLLOWING, 2, time=dt.time(10)))
    assert times(series) == ["09:00", "10:00", "10:00", "10:00"]
    assert [visit.occurrence for visit in change.changed] == [2, 3, 4]
    assert Fact.objects.filter(name__endswith="AppointmentMoved").count() == 3
    series.refresh_from_db()
    assert series.shifts == [{"since": 2, "days": 0, "time": "10:00", "provider": None}]


def test_moved_by_the_wall_through_a_change_of_the_clock(year: SmallClinic) -> None:
    series, _ = booked(year, 52)
    move(year, series, SeriesMove(Scope.ALL, 1, time=dt.time(16, 30)))
    assert set(times(series)) == {"16:30"}


def test_another_weekday_and_another_provider(year: SmallClinic) -> None:
    other = second_provider(year)
    series, visits = booked(year, 3)
    move(year, series, SeriesMove(Scope.ALL, 1, days=1, provider_id=other.pk))
    rows = Appointment.objects.filter(series=series).order_by("occurrence")
    assert [(row.starts_at, row.provider_id) for row in rows] == [
        (visit.starts_at.astimezone(CLOCK) + dt.timedelta(days=1), other.pk) for visit in visits
    ]


def test_each_day_a_day_later_makes_room_for_the_next(year: SmallClinic) -> None:
    add_room(year)
    series, visits = booked(year, rrule="FREQ=DAILY;COUNT=5")
    for days in (1, -1):
        move(year, series, SeriesMove(Scope.ALL, 1, days=days))
    rows = Appointment.objects.filter(series=series).order_by("occurrence").values_list("starts_at", flat=True)
    assert list(rows) == [visit.starts_at for visit in visits]


def test_a_visit_moved_by_hand_stays_unless_it_is_named(year: SmallClinic) -> None:
    series, visits = booked(year)
    reschedule_appointment(appointment_id=visits[2].pk, start=year.at(15, days=16), expected=FIRST, caller=year.staff)
    change = move(year, series, SeriesMove(Scope.ALL, 1, time=dt.time(10)))
    assert times(series) == ["10:00", "10:00", "15:00", "10:00"]
    assert [visit.occurrence for visit in change.left] == [3]
    move(year, series, SeriesMove(Scope.ALL, 1, time=dt.time(11), strays=frozenset({visits[2].pk})))
    assert times(series) == ["11:00"] * 4


def test_what_is_over_or_under_way_stays_and_is_listed_with_why(year: SmallClinic) -> None:
    series, visits = booked(year)
    advance_appointment(appointment_id=visits[0].pk, step="arrive", expected=FIRST, caller=year.staff)
    reschedule_appointment(appointment_id=visits[1].pk, start=year.at(15, days=9), expected=FIRST, caller=year.staff)
    wanted = SeriesMove(Scope.ALL, 1, time=dt.time(10), choices={3: Choice(leave_out=True)})
    plan = plan_move(series_id=series.pk, wanted=wanted, caller=year.staff)
    assert [(one.visit.occurrence, one.why) for one in plan.staying] == [(1, "over"), (2, "stray"), (3, "chosen")]
    assert [one.number for one in plan.visits] == [4]
    with pytest.raises(SeriesOver):
        plan_move(series_id=series.pk, wanted=SeriesMove(Scope.THIS, 1, time=dt.time(10)), caller=year.staff)


def test_where_one_time_is_taken_nothing_moves_and_a_choice_solves_it(year: SmallClinic) -> None:
    series, _ = booked(year)
    book_appointment(year.booking(year.at(10, days=16), patient=1), caller=year.staff)
    wanted = SeriesMove(Scope.ALL, 1, time=dt.time(10))
    with pytest.raises(SeriesConflicts) as refusal, transaction.atomic():
        move(year, series, wanted)
    (conflict,) = refusal.value.plan.conflicts
    assert (conflict.number, [rule.rule for rule in conflict.blocked]) == (3, ["booked"])
    assert times(series) == ["09:00"] * 4
    choice = {3: Choice(start=conflict.alternatives[0].start)}
    move(year, series, SeriesMove(Scope.ALL, 1, time=dt.time(10), choices=choice))
    assert times(series) == ["10:00", "10:00", "09:30", "10:00"]


def test_a_length_made_by_hand_is_kept(year: SmallClinic) -> None:
    series, visits = booked(year, minutes=45)
    move(year, series, SeriesMove(Scope.ALL, 1, time=dt.time(10)))
    assert all(visit.ends_at - visit.starts_at == dt.timedelta(minutes=45) for visit in visits)
    rows = Appointment.objects.filter(series=series)
    assert all(row.ends_at - row.starts_at == dt.timedelta(minutes=45) for row in rows)


def test_a_group_s_visits_move_to_other_groups(year: SmallClinic) -> None:
    group = AppointmentType.objects.create(clinic=year.clinic, name="Group", capacity=2)
    series, _ = booked(year, appointment_type_id=group.pk)
    move(year, series, SeriesMove(Scope.ALL, 1, time=dt.time(9, 15)))
    assert times(series) == ["09:15"] * 4


def test_a_version_that_is_no_longer_the_one_stops_it(year: SmallClinic) -> None:
    series, visits = booked(year)
    advance_appointment(appointment_id=visits[3].pk, step="confirm", expected=FIRST, caller=year.staff)
    with pytest.raises(VersionConflict):
        move_series(
            series_id=series.pk,
            wanted=SeriesMove(Scope.ALL, 1, time=dt.time(10)),
            versions={visit.pk: 1 for visit in visits},
            caller=year.staff,
        )


def test_visits_do_not_change_places_in_one_step(year: SmallClinic) -> None:
    series, visits = booked(year, 2)
    swap = {1: Choice(start=visits[1].starts_at), 2: Choice(start=visits[0].starts_at)}
    with pytest.raises(Invalid):
        move(year, series, SeriesMove(Scope.ALL, 1, choices=swap))
    for wanted in (SeriesMove(Scope.ALL, 1), SeriesMove(Scope.ALL, 1, days=7)):
        with pytest.raises(Invalid):
            plan_move(series_id=series.pk, wanted=wanted, caller=year.staff)


def test_a_move_of_fifty_two_is_planned_in_a_handful_of_statements(
    year: SmallClinic, django_assert_max_num_queries: Any
) -> None:
    other = second_provider(year)
    series, _ = booked(year, 52)
    wanted = SeriesMove(Scope.ALL, 1, time=dt.time(10), provider_id=other.pk)
    with django_assert_max_num_queries(11):
        plan = plan_move(series_id=series.pk, wanted=wanted, caller=year.staff)
    assert len(plan.visits) == 52
