"""Wall-clock hours on every day on which clocks change, in four zones over ten years, against a minute-by-minute oracle."""

import datetime as dt
from collections.abc import Iterator
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.rules.clock import Span, days_as_span, hours_on, instant_of, start_of_day

ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"]
YEARS = range(2026, 2036)
NEW_YORK = ZoneInfo("America/New_York")
LORD_HOWE = ZoneInfo("Australia/Lord_Howe")
MINUTE = dt.timedelta(minutes=1)
DAY = dt.timedelta(days=1)


@cache
def change_days(name: str) -> list[dt.date]:
    zone, found = ZoneInfo(name), []
    day = dt.date(YEARS[0], 1, 1)
    while day.year in YEARS:
        noon, next_noon = (dt.datetime.combine(d, dt.time(12), zone) for d in (day - DAY, day))
        if noon.utcoffset() != next_noon.utcoffset():
            found.append(day)
        day += DAY
    return found


def shown_in(start: dt.datetime, end: dt.datetime, zone: ZoneInfo) -> set[dt.datetime]:
    """Ask the clock each minute what it shows, and keep what lies in the range and was not shown before."""
    instant = start.replace(tzinfo=dt.UTC) - dt.timedelta(hours=15)
    last = end.replace(tzinfo=dt.UTC) + dt.timedelta(hours=15)
    found = set()
    while instant < last:
        shown = instant.astimezone(zone)
        if start <= shown.replace(tzinfo=None, fold=0) < end and shown.fold == 0:
            found.add(instant)
        instant += MINUTE
    return found


def minutes(spans: list[Span]) -> Iterator[dt.datetime]:
    for low, high in spans:
        instant = low
        while instant < high:
            yield instant
            instant += MINUTE


def change_cases() -> list[tuple[str, dt.date]]:
    return [(name, day) for name in ZONES for day in change_days(name) or [dt.date(2026, 3, 8)]]


HOURS = [
    (0, 0, 0, 0),
    (0, 0, 8, 0),
    (1, 0, 2, 0),
    (1, 30, 3, 0),
    (2, 0, 3, 0),
    (2, 15, 2, 45),
    (1, 45, 2, 15),
    (9, 0, 17, 0),
    (22, 0, 6, 0),
]


@pytest.mark.parametrize(("name", "day"), change_cases())
def test_each_time_that_the_clock_shows_is_taken_once(name: str, day: dt.date) -> None:
    zone = ZoneInfo(name)
    for h1, m1, h2, m2 in HOURS:
        start, end = dt.time(h1, m1), dt.time(h2, m2)
        for begins in (day - DAY, day):
            last = begins if end > start else begins + DAY
            expected = shown_in(dt.datetime.combine(begins, start), dt.datetime.combine(last, end), zone)
            taken = list(minutes(hours_on(begins, start, end, zone)))
            assert len(taken) == len(set(taken))
            assert set(taken) == expected, (begins, start, end)


def test_the_zones_change_as_often_as_the_world_says() -> None:
    assert [len(change_days(name)) for name in ZONES] == [20, 20, 20, 0]


@given(
    st.sampled_from(ZONES),
    st.dates(dt.date(2026, 1, 1), dt.date(2035, 12, 31)),
    st.times(),
    st.times(),
)
def test_any_hours_on_any_day_are_what_the_clock_shows(name: str, day: dt.date, start: dt.time, end: dt.time) -> None:
    zone = ZoneInfo(name)
    start, end = start.replace(second=0, microsecond=0), end.replace(second=0, microsecond=0)
    last = day if end > start else day + DAY
    expected = shown_in(dt.datetime.combine(day, start), dt.datetime.combine(last, end), zone)
    assert set(minutes(hours_on(day, start, end, zone))) == expected


def utc(*parts: int) -> dt.datetime:
    return dt.datetime(*parts, tzinfo=dt.UTC)  # type: ignore[misc,arg-type]


def test_a_missing_start_becomes_the_first_time_that_exists() -> None:
    # New York, 8 March 2026: 02:00 to 03:00 does not exist.
    assert hours_on(dt.date(2026, 3, 8), dt.time(2, 30), dt.time(4), NEW_YORK) == [
        (utc(2026, 3, 8, 7), utc(2026, 3, 8, 8))
    ]


def test_hours_that_do_not_exist_open_nothing() -> None:
    assert hours_on(dt.date(2026, 3, 8), dt.time(2, 15), dt.time(2, 45), NEW_YORK) == []


def test_an_ambiguous_hour_is_open_the_first_time() -> None:
    # New York, 1 November 2026: 01:00 to 02:00 is shown twice.
    day = dt.date(2026, 11, 1)
    assert hours_on(day, dt.time(1), dt.time(2), NEW_YORK) == [(utc(2026, 11, 1, 5), utc(2026, 11, 1, 6))]
    night = hours_on(day, dt.time(0), dt.time(3), NEW_YORK)
    assert night == [(utc(2026, 11, 1, 4), utc(2026, 11, 1, 6)), (utc(2026, 11, 1, 7), utc(2026, 11, 1, 8))]


def test_lord_howe_changes_by_half_an_hour() -> None:
    # 5 April 2026: 01:30 to 02:00 is shown twice. 4 October 2026: 02:00 to 02:30 does not exist.
    assert hours_on(dt.date(2026, 4, 5), dt.time(1, 30), dt.time(2), LORD_HOWE) == [
        (utc(2026, 4, 4, 14, 30), utc(2026, 4, 4, 15))
    ]
    assert hours_on(dt.date(2026, 10, 4), dt.time(2), dt.time(3), LORD_HOWE) == [
        (utc(2026, 10, 3, 15, 30), utc(2026, 10, 3, 16))
    ]


def test_a_working_day_keeps_its_wall_clock_through_the_year() -> None:
    for day in (dt.date(2026, 1, 15), dt.date(2026, 3, 8), dt.date(2026, 7, 15), dt.date(2026, 11, 1)):
        ((low, high),) = hours_on(day, dt.time(9), dt.time(17), NEW_YORK)
        assert (low.astimezone(NEW_YORK).hour, high.astimezone(NEW_YORK).hour) == (9, 17)


def test_a_day_begins_where_its_first_minute_is() -> None:
    santiago = ZoneInfo("America/Santiago")  # 6 September 2026: midnight to 01:00 does not exist
    assert start_of_day(dt.date(2026, 9, 6), santiago) == utc(2026, 9, 6, 4)
    assert instant_of(dt.datetime.combine(dt.date(2026, 9, 6), dt.time(0, 30)), santiago) == utc(2026, 9, 6, 4)
    low, high = days_as_span(dt.date(2026, 11, 1), dt.date(2026, 11, 1), NEW_YORK)
    assert high - low == dt.timedelta(hours=25)


def test_an_end_at_the_start_is_a_whole_day() -> None:
    ((low, high),) = hours_on(dt.date(2026, 6, 1), dt.time(0), dt.time(0), NEW_YORK)
    assert high - low == DAY


def test_hours_cross_into_the_leap_day() -> None:
    ((low, high),) = hours_on(dt.date(2028, 2, 28), dt.time(22), dt.time(6), NEW_YORK)
    assert (low.astimezone(NEW_YORK).date(), high.astimezone(NEW_YORK).date()) == (
        dt.date(2028, 2, 28),
        dt.date(2028, 2, 29),
    )
