"""Which moments a rule means: daily, weekly, monthly, through both changes of the clock, and after moves."""

import datetime as dt
import uuid
from zoneinfo import ZoneInfo

import pytest

from appointments.rules.series import (
    Leap,
    Pattern,
    Shift,
    compose,
    in_order,
    is_last_weekday,
    read_pattern,
)
from providers.rules.recurrence import UnusableRule

HORIZON = dt.date(2035, 1, 1)
NINE = dt.time(9)


def pattern(rrule: str, first: dt.date = dt.date(2026, 1, 6), time: dt.time = NINE) -> Pattern:
    return read_pattern(rrule, first, time, horizon=HORIZON)


def days(rrule: str, first: dt.date) -> list[str]:
    return [f"{day:%m-%d}" for day in pattern(rrule, first).days]


def test_every_day_and_every_other_week_on_two_days() -> None:
    assert days("FREQ=DAILY;COUNT=3", dt.date(2026, 2, 27)) == ["02-27", "02-28", "03-01"]
    assert days("FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,TH;COUNT=5", dt.date(2026, 1, 6)) == [
        "01-06", "01-08", "01-20", "01-22", "02-03",
    ]  # fmt: skip


def test_until_is_a_day_that_still_counts() -> None:
    assert days("FREQ=WEEKLY;UNTIL=20260120", dt.date(2026, 1, 6)) == ["01-06", "01-13", "01-20"]


def test_the_second_tuesday_and_the_last_friday() -> None:
    assert days("FREQ=MONTHLY;BYDAY=2TU;COUNT=3", dt.date(2026, 1, 13)) == ["01-13", "02-10", "03-10"]
    assert days("FREQ=MONTHLY;BYDAY=-1FR;COUNT=3", dt.date(2026, 1, 30)) == ["01-30", "02-27", "03-27"]


def test_a_month_without_a_31st_has_no_visit_where_the_rule_is_the_rfc_s() -> None:
    assert days("FREQ=MONTHLY;BYMONTHDAY=31;COUNT=3", dt.date(2026, 1, 31)) == ["01-31", "03-31", "05-31"]


@pytest.mark.parametrize(
    ("first", "found"),
    [
        (dt.date(2028, 1, 29), ["01-29", "02-29", "03-29"]),
        (dt.date(2026, 1, 30), ["01-30", "02-28", "03-30"]),
        (dt.date(2026, 1, 31), ["01-31", "02-28", "03-31"]),
        (dt.date(2026, 1, 28), ["01-28", "02-28", "03-28"]),
    ],
)
def test_a_date_chosen_in_words_is_the_last_day_of_a_shorter_month(first: dt.date, found: list[str]) -> None:
    assert days(compose("date", first, end=3), first) == found


def test_words_become_rules() -> None:
    first = dt.date(2026, 1, 13)
    assert compose("day", first, end=5) == "FREQ=DAILY;COUNT=5"
    assert compose("week", first, interval=2, end=8) == "FREQ=WEEKLY;INTERVAL=2;BYDAY=TU;COUNT=8"
    assert compose("week", first, weekdays=[4, 0], end=dt.date(2026, 3, 1)) == "FREQ=WEEKLY;BYDAY=MO,FR;UNTIL=20260301"
    assert compose("date", first, end=4) == "FREQ=MONTHLY;BYMONTHDAY=13;COUNT=4"
    assert compose("weekday", first, end=4) == "FREQ=MONTHLY;BYDAY=2TU;COUNT=4"
    assert compose("weekday", dt.date(2026, 3, 31), end=4) == "FREQ=MONTHLY;BYDAY=-1TU;COUNT=4"
    assert (
        compose("last-weekday", dt.date(2026, 1, 27), interval=3, end=4) == "FREQ=MONTHLY;INTERVAL=3;BYDAY=-1TU;COUNT=4"
    )
    assert is_last_weekday(dt.date(2026, 1, 27))
    assert not is_last_weekday(dt.date(2026, 1, 20))


@pytest.mark.parametrize(
    ("rrule", "says"),
    [
        ("FREQ=WEEKLY", "an end"),
        ("FREQ=WEEKLY;COUNT=1", "2 to 60"),
        ("FREQ=WEEKLY;COUNT=61", "2 to 60"),
        ("FREQ=DAILY;UNTIL=20300101", "2 to 60"),
        ("FREQ=WEEKLY;UNTIL=20350201", "open until 2035-01-01"),
        ("FREQ=YEARLY;COUNT=3", "daily, weekly or monthly"),
        ("FREQ=HOURLY;COUNT=3", "cannot be used"),
        ("FREQ=MONTHLY;INTERVAL=12;COUNT=60", "five years"),
        ("every tuesday", "cannot be used"),
        ("FREQ=WEEKLY;COUNT=3;UNTIL=20260301", "exclude"),
    ],
)
def test_a_rule_that_is_none_is_refused_in_a_sentence(rrule: str, says: str) -> None:
    with pytest.raises(UnusableRule, match=says):
        pattern(rrule)


def test_a_time_with_seconds_is_refused() -> None:
    with pytest.raises(UnusableRule, match="whole minute"):
        pattern("FREQ=DAILY;COUNT=2", time=dt.time(9, 0, 30))


# First days of weekly series that run through both changes of 2027, by zone, and what the zone is ahead before and after.
ZONES = {
    "America/New_York": (dt.date(2027, 2, 28), -5, -4),
    "Europe/Berlin": (dt.date(2027, 3, 14), 1, 2),
    "Australia/Sydney": (dt.date(2027, 3, 21), 11, 10),
    "Africa/Cairo": (dt.date(2027, 4, 16), 2, 3),
}


@pytest.mark.parametrize("zone", ZONES)
def test_a_series_keeps_its_time_on_the_wall_through_both_changes(zone: str) -> None:
    first, before, after = ZONES[zone]
    clock = ZoneInfo(zone)
    found = pattern("FREQ=WEEKLY;COUNT=40", first).occurrences(clock)
    local = [one.start.astimezone(clock) for one in found]
    assert {moment.timetz().replace(tzinfo=None) for moment in local} == {NINE}
    assert [moment.date() for moment in local] == [first + dt.timedelta(weeks=week) for week in range(40)]
    ahead = [moment.utcoffset() for moment in local]
    hour = dt.timedelta(hours=1)
    assert (ahead[0], ahead[10], ahead[-1]) == (before * hour, after * hour, before * hour)
    assert not any(one.skipped for one in found)


@pytest.mark.parametrize(
    ("zone", "day", "missing", "begins"),
    [
        ("America/New_York", dt.date(2027, 3, 14), dt.time(2, 30), dt.time(3)),
        ("Europe/Berlin", dt.date(2027, 3, 28), dt.time(2, 15), dt.time(3)),
        ("Australia/Sydney", dt.date(2027, 10, 3), dt.time(2, 30), dt.time(3)),
        ("Africa/Cairo", dt.date(2027, 4, 30), dt.time(0, 30), dt.time(1)),
    ],
)
def test_a_time_that_the_clock_skips_is_the_first_that_exists_and_is_said(
    zone: str, day: dt.date, missing: dt.time, begins: dt.time
) -> None:
    clock = ZoneInfo(zone)
    rule = pattern("FREQ=DAILY;COUNT=3", day - dt.timedelta(days=1), missing)
    found = rule.occurrences(clock)
    assert [one.skipped for one in found] == [False, True, False]
    assert [one.start.astimezone(clock).time() for one in found] == [missing, begins, missing]


@pytest.mark.parametrize(
    ("zone", "day", "shown_twice"),
    [
        ("America/New_York", dt.date(2027, 11, 7), dt.time(1, 30)),
        ("Europe/Berlin", dt.date(2027, 10, 31), dt.time(2, 30)),
        ("Australia/Sydney", dt.date(2027, 4, 4), dt.time(2, 30)),
        ("Africa/Cairo", dt.date(2027, 10, 28), dt.time(23, 30)),
    ],
)
def test_a_time_that_the_clock_shows_twice_is_taken_once_the_first_time(
    zone: str, day: dt.date, shown_twice: dt.time
) -> None:
    clock = ZoneInfo(zone)
    found = pattern("FREQ=DAILY;COUNT=3", day - dt.timedelta(days=1), shown_twice).occurrences(clock)
    assert [one.start.astimezone(clock).time() for one in found] == [shown_twice] * 3
    assert found[1].start.astimezone(clock).fold == 0
    assert found[2].start - found[1].start == dt.timedelta(hours=25)


def test_a_day_left_out_has_no_number() -> None:
    whole = pattern("FREQ=WEEKLY;COUNT=4")
    left = Pattern(whole.rule, NINE, left_out=frozenset({dt.date(2026, 1, 13)}))
    assert [(one.number, f"{one.day:%m-%d}") for one in left.occurrences(ZoneInfo("Europe/Berlin"))] == [
        (1, "01-06"), (2, "01-20"), (3, "01-27"),
    ]  # fmt: skip


def test_moves_add_up_and_concern_what_follows() -> None:
    amara, ines = uuid.uuid4(), uuid.uuid4()
    shifts = (Shift(2, days=1), Shift(3, days=1, time=dt.time(14)), Shift(4, provider_id=ines))
    moved = Pattern(pattern("FREQ=WEEKLY;COUNT=4").rule, NINE, shifts=shifts)
    clock = ZoneInfo("Europe/Berlin")
    assert [f"{one.start.astimezone(clock):%a %H}" for one in moved.occurrences(clock)] == [
        "Tue 09", "Wed 09", "Thu 14", "Thu 14",
    ]  # fmt: skip
    assert [moved.provider_at(number, amara) for number in (3, 4)] == [amara, ines]
    assert [Shift.unpacked(shift.packed()) for shift in shifts] == list(shifts)


def at(hour: int) -> dt.datetime:
    return dt.datetime(2026, 1, 6, hour, tzinfo=dt.UTC)


def test_visits_that_make_room_for_each_other_move_in_an_order_that_works() -> None:
    later = [Leap(n, (at(n), at(n + 1)), (at(n + 1), at(n + 2))) for n in range(3)]
    assert in_order(later) == [2, 1, 0]
    assert in_order([Leap(0, (at(1), at(2)), (at(2), at(3))), Leap(1, (at(2), at(3)), (at(1), at(2)))]) is None
    assert in_order([Leap(0, (at(1), at(3)), (at(2), at(4)))]) == [0]
