"""The rules of the waitlist by themselves: wishes by the clinic's own clock, orders, minutes to answer, what is left over."""

import datetime as dt
import uuid
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest

from appointments.rules.waitlist import Asking, Patience, left_over, merged, overlap, place

NOON = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
WHO = uuid.UUID(int=1)


def minutes(number: int) -> dt.timedelta:
    return dt.timedelta(minutes=number)


# The days on which a clock is set forward, then back, and what it then shows at so many minutes after midnight, UTC.
CHANGES = [
    ("America/New_York", dt.date(2026, 3, 8), dt.date(2026, 11, 1)),
    ("Europe/Berlin", dt.date(2026, 3, 29), dt.date(2026, 10, 25)),
    ("Australia/Lord_Howe", dt.date(2026, 10, 4), dt.date(2026, 4, 5)),
    ("America/Santiago", dt.date(2026, 9, 6), dt.date(2026, 4, 4)),
]


@pytest.mark.parametrize(("zone", "day"), [(zone, day) for zone, *days in CHANGES for day in days])
def test_hours_and_days_are_the_clinic_s_own_clock_where_it_changes(zone: str, day: dt.date) -> None:
    there = ZoneInfo(zone)
    asking = Asking(day, day, earliest_time=dt.time(9), latest_time=dt.time(12), weekdays=frozenset({day.weekday()}))
    nine = dt.datetime.combine(day, dt.time(9), there).astimezone(dt.UTC)
    for start, met in [(-30, False), (0, True), (150, True), (151, False)]:
        begin = nine + minutes(start)
        assert asking.meets(begin, begin + minutes(30), WHO, there) is met, (start, begin)
    last = dt.datetime.combine(day, dt.time(23, 45, fold=1), there).astimezone(dt.UTC)
    assert not Asking(day, day, latest_time=dt.time(23, 59)).meets(last, last + minutes(30), WHO, there)
    assert Asking(day, day).meets(last, last + minutes(30), WHO, there)  # its day is the one on which it begins


@pytest.mark.parametrize(("zone", "day"), [(zone, days[1]) for zone, *days in CHANGES])
def test_an_hour_that_comes_twice_meets_a_wish_both_times(zone: str, day: dt.date) -> None:
    there = ZoneInfo(zone)
    noon = dt.datetime.combine(day, dt.time(12), there).astimezone(dt.UTC)
    instants = [noon + minutes(number) for number in range(-14 * 60, 14 * 60, 15)]
    shown = [moment for instant in instants if (moment := instant.astimezone(there)).date() == day]
    times = [moment.time() for moment in shown]
    twice = sorted({time for time in times if times.count(time) == 2})
    assert twice, "the clock is not set back here"
    asking = Asking(day, day, earliest_time=twice[0])
    met = [moment for moment in shown if asking.meets(moment, moment + minutes(5), WHO, there)]
    assert sum(moment.time() in twice for moment in met) == 2 * len(twice)
    assert all(moment.time() >= twice[0] for moment in met)


def test_a_wish_names_providers_and_how_soon_one_must_know() -> None:
    asking = Asking(NOON.date(), NOON.date(), providers=frozenset({WHO}), notice_minutes=60)
    assert asking.meets(NOON, NOON + minutes(30), WHO, ZoneInfo("UTC"))
    assert not asking.meets(NOON, NOON + minutes(30), uuid.UUID(int=2), ZoneInfo("UTC"))
    assert asking.knows_in_time(NOON, NOON - minutes(60))
    assert not asking.knows_in_time(NOON, NOON - minutes(59))


@pytest.mark.parametrize(
    ("left", "answer"),
    [
        (24 * 60 + 1, 120),
        (24 * 60, 30),
        (4 * 60 + 1, 30),
        (4 * 60, 15),
        (60, 15),
        (59, None),
    ],
)
def test_minutes_to_answer_by_the_notice_that_is_left(left: int, answer: int | None) -> None:
    until = Patience(120, 30, 15, latest=60).answer_by(NOON, NOON - minutes(left))
    assert until == (None if answer is None else NOON - minutes(left) + minutes(answer))


def test_an_answer_is_never_waited_for_until_the_start() -> None:
    patience = Patience(1440, 240, 120, latest=0)
    assert patience.answer_by(NOON, NOON - minutes(30)) == NOON - minutes(1)
    assert patience.answer_by(NOON, NOON - minutes(2)) is None
    assert patience.answer_by(NOON, NOON + minutes(5)) is None


@dataclass(frozen=True)
class Somebody:
    """Somebody in the line."""

    priority: int
    joined_at: dt.datetime
    entry_id: uuid.UUID


def somebody(number: int, priority: int = 0) -> Somebody:
    return Somebody(priority, NOON + minutes(number), uuid.UUID(int=number))


def test_lines_keep_their_own_order_and_the_head_that_is_first_comes_first() -> None:
    by_age = [somebody(1), somebody(3, 2), somebody(5)]
    by_priority = [somebody(4, 1), somebody(2), somebody(6)]
    order = [one.entry_id.int for one in merged([by_age, by_priority], by_priority=True)]
    assert order == [4, 1, 3, 2, 5, 6]
    assert [one.entry_id.int for one in merged([by_age, by_priority], by_priority=False)] == [1, 3, 4, 2, 5, 6]
    assert place(somebody(1), by_priority=True) < place(somebody(2), by_priority=True)


def test_what_is_left_over() -> None:
    hour = (NOON, NOON + minutes(60))
    assert left_over(hour, []) == [hour]
    assert left_over(hour, [(NOON + minutes(20), NOON + minutes(40))]) == [
        (NOON, NOON + minutes(20)),
        (NOON + minutes(40), NOON + minutes(60)),
    ]
    assert left_over(hour, [(NOON - minutes(9), NOON + minutes(57))]) == []  # three minutes are of no use to anybody
    assert left_over(hour, [(NOON + minutes(60), NOON + minutes(90))]) == [hour]
    assert overlap(*hour, [(NOON + minutes(59), NOON + minutes(70))])
    assert not overlap(*hour, [(NOON + minutes(60), NOON + minutes(70))])
