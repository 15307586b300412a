"""Days from booking to visit, counted on a calendar."""

import datetime as dt
from typing import Any

import pytest

from mediconnect.portal.reports.reading import lead_times_of
from mediconnect.portal.reports.reading.lead_times import BUCKETS
from tests.factories import AppointmentTypeFactory
from tests.portal.reports.clinic import Week, at


@pytest.fixture(autouse=True)
def _open_all_week(week: Week) -> None:
    week.open(at(2, 0), at(9, 0))


def book(week: Week, days: int, *, number: int = 0, **columns: Any) -> None:
    start = at(5, 6) + dt.timedelta(minutes=30 * number)
    week.visit(start, booked=start - dt.timedelta(days=days), **columns)


def test_the_median_and_the_ninetieth_are_days_that_occurred(week: Week) -> None:
    for number, days in enumerate((0, 1, 2, 3, 5, 8, 13, 21, 34, 55)):
        book(week, days, number=number)
    total = lead_times_of(week.asked()).total
    # Five of ten lie within 5 days, nine of ten within 34.
    assert (total.visits, total.median, total.ninetieth) == (10, 5, 34)
    assert dict(zip(BUCKETS, total.counts, strict=True)) == {
        (0, 0): 1,
        (1, 1): 1,
        (2, 3): 2,
        (4, 7): 1,
        (8, 14): 2,
        (15, 30): 1,
        (31, 60): 2,
        (61, None): 0,
    }


def test_days_are_those_of_the_clinics_calendar(week: Week) -> None:
    # Booked at 23:50 in New York for 00:10: twenty minutes, and the next day.
    week.visit(at(5, 0, 10), booked=at(4, 23, 50))
    assert lead_times_of(week.asked()).total.median == 1


def test_a_day_of_23_hours_is_a_day(week: Week) -> None:
    week.visit(at(8, 12), booked=at(7, 12))
    week.visit(at(8, 13), booked=at(1, 9))
    assert lead_times_of(week.asked()).total.ninetieth == 7
    assert lead_times_of(week.asked()).total.median == 1


def test_a_walk_in_waits_no_day_and_what_is_written_down_afterwards_is_left_out(week: Week) -> None:
    week.visit(at(5, 10), booked=at(5, 10, 2))
    week.visit(at(5, 12), booked=at(6, 9))
    total = lead_times_of(week.asked()).total
    assert (total.visits, total.median) == (1, 0)


def test_cancelled_and_imported_visits_are_left_out_and_no_shows_are_in(week: Week) -> None:
    book(week, 3, status="cancelled")
    book(week, 4, number=1, source="imported")
    book(week, 5, number=2, status="no_show")
    assert lead_times_of(week.asked()).total.median == 5


def test_each_type_has_its_own_line(week: Week) -> None:
    check = AppointmentTypeFactory.create(clinic=week.clinic, name="Blood test")
    book(week, 2)
    book(week, 9, number=1, appointment_type=check)
    assert [(one.name, one.median) for one in lead_times_of(week.asked()).types] == [
        ("Blood test", 9),
        ("Consultation", 2),
    ]


def test_nothing_booked_has_no_middle(week: Week) -> None:
    found = lead_times_of(week.asked())
    assert (found.types, found.total.visits, found.total.median) == ([], 0, None)
    assert list(found.total.counts) == [0] * len(BUCKETS)
