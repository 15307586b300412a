"""Open, booked and lost minutes, each worked out by hand."""

import datetime as dt
from typing import Any

import pytest

from appointments.models import Session
from mediconnect.portal.reports.reading import Minutes, utilisation_of
from providers.models import AppointmentType, PractitionerRole, Provider
from tests.factories import AppointmentTypeFactory, ProviderFactory, UserFactory
from tests.portal.reports.clinic import MONDAY, SUNDAY, Week, at
from tests.portal.reports.clinic import week as another_week

MORNING = (at(2, 9), at(2, 12))


def minutes(week: Week, **changes: Any) -> Minutes:
    return utilisation_of(week.asked(**changes)).total


def test_a_morning_of_three_hours_with_two_visits_is_a_third_booked(week: Week) -> None:
    week.open(*MORNING)
    week.visit(at(2, 9))
    week.visit(at(2, 10), status="confirmed")
    assert minutes(week) == Minutes(open=180, booked=60)
    assert utilisation_of(week.asked()).total.percent == pytest.approx(100 / 3)


def test_buffers_are_no_booked_time(week: Week) -> None:
    week.open(*MORNING)
    week.visit(at(2, 9, 30), buffer_before=10, buffer_after=15)
    assert minutes(week).booked == 30


def test_a_no_show_loses_what_nobody_took_instead(week: Week) -> None:
    week.open(*MORNING)
    week.visit(at(2, 9), 60, status="no_show")
    assert minutes(week) == Minutes(open=180, missed=60)
    week.visit(at(2, 9, 20), 20)
    assert minutes(week) == Minutes(open=180, booked=20, missed=40)


@pytest.mark.parametrize(
    ("before_the_start", "lost"),
    [
        (dt.timedelta(hours=23, minutes=59), 30),
        (dt.timedelta(hours=24), 0),
        (dt.timedelta(days=3), 0),
        (dt.timedelta(minutes=-5), 30),
    ],
)
def test_a_cancellation_loses_time_within_a_day_of_the_start(
    week: Week, before_the_start: dt.timedelta, lost: int
) -> None:
    week.open(*MORNING)
    week.visit(at(2, 9), status="cancelled", ended_at=at(2, 9) - before_the_start)
    assert minutes(week) == Minutes(open=180, cancelled=lost)


def test_time_lost_twice_is_lost_once_as_a_no_show(week: Week) -> None:
    week.open(*MORNING)
    week.visit(at(2, 9), 60, status="cancelled")
    week.visit(at(2, 9, 30), 60, status="no_show")
    assert minutes(week) == Minutes(open=180, missed=60, cancelled=30)


def test_what_is_still_to_come_is_not_lost_yet(week: Week) -> None:
    week.open(*MORNING)
    week.visit(at(2, 10), 60, status="cancelled", ended_at=at(2, 8))
    assert minutes(week, now=at(2, 9)).cancelled == 0
    assert minutes(week, now=at(2, 10, 20)).cancelled == 20
    assert minutes(week, now=at(2, 11)).cancelled == 60


def test_what_was_closed_is_neither_open_nor_lost(week: Week) -> None:
    week.open(*MORNING)
    week.visit(at(2, 14), status="cancelled", cancellation_reason="clinic_closed")
    week.visit(at(2, 11, 45), status="no_show")
    assert minutes(week) == Minutes(open=180, missed=15)


def test_a_group_takes_its_time_once(week: Week) -> None:
    week.open(*MORNING)
    group = AppointmentTypeFactory.create(clinic=week.clinic, capacity=5, duration=60)
    session: dict[str, Any] = {"appointment_type": group, "session": _session(week, group)}
    for seat in (1, 2, 3):
        week.visit(at(2, 10), 60, seat=seat, **session)
    week.visit(at(2, 10), 60, status="no_show", seat=4, **session)
    assert minutes(week) == Minutes(open=180, booked=60)


def _session(week: Week, group: AppointmentType) -> Session:
    return Session.objects.create(
        clinic=week.clinic,
        provider=week.provider,
        appointment_type=group,
        starts_at=at(2, 10),
        ends_at=at(2, 11),
        capacity=5,
    )


def test_overrides_count_inside_the_hours_once_and_beyond_them_apart(week: Week) -> None:
    week.open(*MORNING)
    words: dict[str, Any] = {"override_reason": "fits in", "overridden_by": UserFactory.create()}
    week.visit(at(2, 9))
    week.visit(at(2, 9, 15), **words)
    week.visit(at(2, 11, 45), **words)
    week.visit(at(2, 18), **words)
    assert minutes(week) == Minutes(open=180, booked=60, outside=45)


def test_the_day_on_which_the_clocks_change_has_its_own_length(week: Week) -> None:
    week.open(at(8, 0), dt.datetime(2026, 3, 9, tzinfo=at(8, 0).tzinfo))
    week.visit(at(8, 1), 120)
    by_day = dict(utilisation_of(week.asked()).days)
    assert by_day[SUNDAY] == Minutes(open=23 * 60, booked=120)
    assert by_day[MONDAY] == Minutes()


def test_a_night_is_cut_at_midnight_by_the_clinics_clock(week: Week) -> None:
    week.open(at(2, 22), at(3, 2))
    week.visit(at(2, 23, 30), 60)
    by_day = dict(utilisation_of(week.asked()).days)
    assert by_day[MONDAY] == Minutes(open=120, booked=30)
    assert by_day[dt.date(2026, 3, 3)] == Minutes(open=120, booked=30)
    assert minutes(week, first=dt.date(2026, 3, 3)) == Minutes(open=120, booked=30)
    assert minutes(week, last=MONDAY) == Minutes(open=120, booked=30)


def test_every_day_that_was_asked_for_is_there(week: Week) -> None:
    assert [day for day, _ in utilisation_of(week.asked()).days] == week.asked().days
    assert len(week.asked().days) == 7
    assert utilisation_of(week.asked()).total.percent is None


def test_each_provider_has_a_line_and_the_total_is_their_sum(week: Week) -> None:
    other: Provider = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg")
    week.open(*MORNING)
    week.open(at(3, 9), at(3, 10), other)
    week.visit(at(2, 9))
    week.visit(at(3, 9), provider=other, status="no_show")
    found = utilisation_of(week.asked())
    assert found.providers == [
        ("Dr. Amara Obi", Minutes(open=180, booked=30)),
        ("Dr. Jonas Berg", Minutes(open=60, missed=30)),
    ]
    assert found.total == Minutes(open=240, booked=30, missed=30)
    assert utilisation_of(week.asked(provider_id=other.pk)).total == Minutes(open=60, missed=30)


def test_the_same_providers_time_at_another_clinic_is_not_counted(week: Week) -> None:
    elsewhere = another_week()
    elsewhere.provider = week.provider
    PractitionerRole.objects.create(provider=week.provider, clinic=elsewhere.clinic)
    elsewhere.open(*MORNING)
    elsewhere.visit(at(2, 9))
    week.open(at(3, 9), at(3, 10))
    assert minutes(week) == Minutes(open=60)
    assert minutes(elsewhere) == Minutes(open=180, booked=30)
