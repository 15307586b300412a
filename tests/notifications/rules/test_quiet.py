"""Nights by a person's own clock, in two zones and on every day on which it is changed."""

import datetime as dt
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.rules.quiet import night_at, quiet_until

NINE, EIGHT = dt.time(21), dt.time(8)
MOMENTS = st.integers(0, 4 * 365 * 24 * 60).map(
    lambda minutes: dt.datetime(2026, 1, 1, tzinfo=dt.UTC) + dt.timedelta(minutes=minutes)
)
ZONES = ["America/New_York", "Europe/Madrid"]


def changes(zone: ZoneInfo, years: range = range(2026, 2037)) -> list[dt.date]:
    """Return the days of these years on which the clock of the zone is changed."""
    start = dt.datetime(years.start, 1, 1, 12, tzinfo=dt.UTC)
    days = [start + dt.timedelta(days=number) for number in range(366 * len(years))]
    return [
        after.astimezone(zone).date()
        for before, after in pairwise(days)
        if before.astimezone(zone).utcoffset() != after.astimezone(zone).utcoffset()
    ]


def at(zone: ZoneInfo, day: dt.date, hour: int, minute: int = 0) -> dt.datetime:
    """Return that wall-clock time."""
    return dt.datetime.combine(day, dt.time(hour, minute), zone)


@pytest.mark.parametrize("name", ZONES)
def test_a_night_ends_at_eight_on_every_day_on_which_the_clock_is_changed(name: str) -> None:
    zone = ZoneInfo(name)
    found = changes(zone)
    assert len(found) >= 20
    for day in found:
        evening = at(zone, day - dt.timedelta(days=1), 21)
        morning = at(zone, day, 8)
        assert night_at(evening, zone=zone, begins=NINE, ends=EIGHT) == (evening, morning)
        length = morning.astimezone(dt.UTC) - evening.astimezone(dt.UTC)
        assert length in {dt.timedelta(hours=10), dt.timedelta(hours=12)}
        for minutes in range(0, int(length.total_seconds() // 60), 7):
            moment = evening.astimezone(dt.UTC) + dt.timedelta(minutes=minutes)
            assert quiet_until(moment, zone=zone, begins=NINE, ends=EIGHT) == morning
        assert quiet_until(morning, zone=zone, begins=NINE, ends=EIGHT) is None
        assert quiet_until(evening - dt.timedelta(seconds=1), zone=zone, begins=NINE, ends=EIGHT) is None


@pytest.mark.parametrize("name", ZONES)
@pytest.mark.parametrize(("begins", "ends"), [(dt.time(22), dt.time(2, 30)), (dt.time(1, 30), dt.time(6))])
def test_a_night_that_ends_or_begins_in_a_changed_hour_is_the_longer_one(
    name: str, begins: dt.time, ends: dt.time
) -> None:
    zone = ZoneInfo(name)
    for day in changes(zone):
        noon = at(zone, day - dt.timedelta(days=1), 12).astimezone(dt.UTC)
        quiet = [
            noon + dt.timedelta(minutes=minutes)
            for minutes in range(26 * 60)
            if quiet_until(noon + dt.timedelta(minutes=minutes), zone=zone, begins=begins, ends=ends)
        ]
        gaps = [after - before for before, after in pairwise(quiet) if after - before > dt.timedelta(minutes=1)]
        assert not gaps, "a night is one piece"
        shown = {moment.astimezone(zone).time() for moment in quiet}
        middle = dt.time(23, 59) if begins > ends else dt.time(5, 59)
        assert middle in shown


@given(MOMENTS, st.sampled_from(ZONES), st.times(), st.times())
def test_the_end_of_a_night_is_no_night_and_lies_ahead(
    now: dt.datetime, name: str, begins: dt.time, ends: dt.time
) -> None:
    zone = ZoneInfo(name)
    night = night_at(now, zone=zone, begins=begins, ends=ends)
    if night is not None:
        assert night[0] <= now < night[1]
        assert night[1] - night[0] <= dt.timedelta(hours=26)
        assert night_at(night[0], zone=zone, begins=begins, ends=ends) is not None


def test_a_clinic_without_nights_disturbs_at_any_hour() -> None:
    now = dt.datetime(2026, 6, 1, 3, tzinfo=dt.UTC)
    assert night_at(now, zone=ZoneInfo("UTC"), begins=EIGHT, ends=EIGHT) is None


def test_a_rest_at_noon_lies_within_one_day() -> None:
    zone = ZoneInfo("Europe/Madrid")
    noon = at(zone, dt.date(2026, 6, 1), 13)
    assert quiet_until(noon, zone=zone, begins=dt.time(12), ends=dt.time(14)) == at(zone, dt.date(2026, 6, 1), 14)
    assert quiet_until(at(zone, dt.date(2026, 6, 1), 20), zone=zone, begins=dt.time(12), ends=dt.time(14)) is None
