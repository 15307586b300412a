"""Who came and who did not, counted by hand."""

from typing import Any

import pytest

from mediconnect.portal.reports.reading import Turnout, no_shows_of
from tests.factories import AppointmentTypeFactory, ProviderFactory
from tests.portal.reports.clinic import Week, at
from tests.portal.reports.clinic import week as another_week


@pytest.fixture(autouse=True)
def _open_all_week(week: Week) -> None:
    week.open(at(2, 0), at(9, 0))


def test_a_rate_is_of_those_who_came_and_those_who_did_not(week: Week) -> None:
    week.visit(at(2, 9), status="no_show")
    for hour, status in enumerate(("arrived", "roomed", "in_progress", "completed"), start=10):
        week.visit(at(2, hour), status=status)
    week.visit(at(2, 15), status="cancelled")
    week.visit(at(2, 16), status="booked")
    week.visit(at(2, 17), status="confirmed")
    total = no_shows_of(week.asked()).total
    assert total == Turnout("", missed=1, came=4, unmarked=2)
    assert (total.counted, total.percent) == (5, 20.0)


def test_no_visits_have_no_rate(week: Week) -> None:
    found = no_shows_of(week.asked())
    assert found.total == Turnout("")
    assert found.total.percent is None
    assert [found.providers, found.types, found.weekdays] == [[], [], []]


def test_it_is_told_by_provider_type_and_weekday(week: Week) -> None:
    other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg")
    check: Any = AppointmentTypeFactory.create(clinic=week.clinic, name="Blood test")
    week.visit(at(2, 9), status="no_show")
    week.visit(at(3, 9), appointment_type=check)
    week.visit(at(3, 9), provider=other, status="no_show", appointment_type=check)
    found = no_shows_of(week.asked())
    assert found.providers == [Turnout("Dr. Amara Obi", 1, 1), Turnout("Dr. Jonas Berg", 1, 0)]
    assert found.types == [Turnout("Blood test", 1, 1), Turnout("Consultation", 1, 0)]
    assert found.weekdays == [Turnout("1", 1, 0), Turnout("2", 1, 1)]


def test_the_weekday_is_the_clinics(week: Week) -> None:
    # Eleven at night in New York on Monday is Tuesday in UTC.
    week.visit(at(2, 23))
    assert no_shows_of(week.asked()).weekdays == [Turnout("1", 0, 1)]


def test_under_ten_visits_are_marked_as_few(week: Week) -> None:
    for hour in range(9):
        week.visit(at(2, 9 + hour))
    assert no_shows_of(week.asked()).total.few
    week.visit(at(3, 9), status="no_show")
    assert not no_shows_of(week.asked()).total.few


def test_what_is_still_to_come_is_not_unmarked(week: Week) -> None:
    week.visit(at(2, 9), status="booked")
    week.visit(at(2, 15), status="booked")
    assert no_shows_of(week.asked(now=at(2, 12))).total.unmarked == 1


def test_another_clinic_and_another_provider_are_left_out(week: Week) -> None:
    elsewhere = another_week()
    elsewhere.visit(at(2, 9))
    other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg")
    week.visit(at(2, 9), provider=other)
    assert no_shows_of(week.asked()).total.came == 1
    assert no_shows_of(week.asked(provider_id=week.provider.pk)).total.came == 0
