"""Expansion of hours, rules of recurrence, holidays, and the arithmetic of pieces: against slow, plain oracles."""

import datetime as dt
import itertools
import uuid
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from providers.rules.holidays import is_known_region, public_holidays
from providers.rules.hours import OnDate, Plan, Recurring, expand
from providers.rules.pieces import Piece, Serves, compared, cover, minus, starts_in, within
from providers.rules.recurrence import UnusableRule, read_rule

NEW_YORK = ZoneInfo("America/New_York")
CHECKUP, VACCINE = uuid.UUID(int=1), uuid.UUID(int=2)
MONDAY = dt.date(2026, 6, 1)
BASE = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def at(minute: int) -> dt.datetime:
    return BASE + dt.timedelta(minutes=minute)


def piece(low: int, high: int, serves: Serves = None) -> Piece:
    return Piece(at(low), at(high), serves)


def weekly(weekday: int = 0, start: int = 9, end: int = 17, **words: object) -> Recurring:
    given_words: dict[str, object] = {"valid_from": dt.date(2026, 1, 1), "weekday": weekday} | words
    return Recurring(start=dt.time(start), end=dt.time(end), **given_words)  # type: ignore[arg-type]


def local(pieces: list[Piece]) -> list[tuple[str, str]]:
    return [(f"{p.start.astimezone(NEW_YORK):%d %H:%M}", f"{p.end.astimezone(NEW_YORK):%d %H:%M}") for p in pieces]


_SERVES = st.one_of(st.none(), st.frozensets(st.sampled_from([CHECKUP, VACCINE]), min_size=1))
_SPAN = st.tuples(st.integers(0, 60), st.integers(1, 20))
_PIECES = st.lists(
    st.builds(lambda span, serves: piece(span[0], span[0] + span[1], serves), _SPAN, _SERVES), max_size=6
)


def served(pieces: list[Piece]) -> dict[int, Serves]:
    """Say minute by minute what the pieces serve."""
    found: dict[int, Serves] = {}
    for minute in range(100):
        here = [p.serves for p in pieces if p.start <= at(minute) < p.end]
        if here:
            found[minute] = None if None in here else frozenset().union(*(s for s in here if s is not None))
    return found


@given(_PIECES)
def test_a_cover_serves_what_any_piece_serves_and_is_disjoint_and_joined(pieces: list[Piece]) -> None:
    covered = cover(pieces)
    assert served(covered) == served(pieces)
    for one, other in itertools.pairwise(covered):
        assert one.end < other.start or (one.end == other.start and one.serves != other.serves)


@given(_PIECES, st.lists(_SPAN, max_size=5))
def test_absences_take_away_exactly_their_time(pieces: list[Piece], away: list[tuple[int, int]]) -> None:
    covered = cover(pieces)
    left = minus(covered, [(at(low), at(low + length)) for low, length in away])
    gone = {minute for low, length in away for minute in range(low, low + length)}
    assert served(left) == {minute: serves for minute, serves in served(covered).items() if minute not in gone}


@given(_PIECES, _PIECES)
def test_what_opens_and_closes_is_the_difference(old: list[Piece], new: list[Piece]) -> None:
    before, after = cover(old), cover(new)
    opens, closes = compared(before, after)
    was, is_now = served(before), served(after)
    every = frozenset({CHECKUP, VACCINE})
    for result, one, other in ((opens, is_now, was), (closes, was, is_now)):
        changed = served(result)
        for minute in range(100):
            absent: frozenset[uuid.UUID] = frozenset()
            mine = (one[minute] if one[minute] is not None else every | {"all"}) if minute in one else absent
            theirs = (other[minute] if other[minute] is not None else every | {"all"}) if minute in other else absent
            assert mine is not None
            assert theirs is not None
            assert (minute in changed) == bool(mine - theirs)


def test_starts_are_counted_on_the_local_grid() -> None:
    kolkata = ZoneInfo("Asia/Kolkata")  # half an hour off the full hour
    assert starts_in([piece(0, 60)], length=30, grid=60, zone=kolkata) == 1
    assert starts_in([piece(0, 60)], length=30, grid=15, zone=NEW_YORK) == 3
    assert starts_in([piece(5, 60)], length=30, grid=15, zone=NEW_YORK) == 2
    assert starts_in([piece(0, 20)], length=30, grid=15, zone=NEW_YORK) == 0


def test_a_part_of_the_pieces_is_cut_at_both_ends() -> None:
    assert within([piece(0, 60), piece(90, 120)], at(30), at(100)) == [piece(30, 60), piece(90, 100)]


def test_weekly_hours_come_back_between_their_dates() -> None:
    plan = Plan(zone=NEW_YORK, recurring=[weekly(valid_from=dt.date(2026, 6, 2), valid_until=dt.date(2026, 6, 15))])
    assert local(expand(plan, MONDAY, dt.date(2026, 6, 30))) == [("08 09:00", "08 17:00"), ("15 09:00", "15 17:00")]


def test_a_lunch_break_is_two_lines_and_adjoining_lines_are_one_piece() -> None:
    halves = [weekly(start=9, end=12), weekly(start=12, end=17)]
    assert local(expand(Plan(zone=NEW_YORK, recurring=halves), MONDAY, MONDAY)) == [("01 09:00", "01 17:00")]
    lunch = [weekly(start=9, end=12), weekly(start=13, end=17)]
    assert len(expand(Plan(zone=NEW_YORK, recurring=lunch), MONDAY, MONDAY)) == 2


def test_hours_for_a_type_add_to_hours_for_all() -> None:
    plan = Plan(zone=NEW_YORK, recurring=[weekly(start=9, end=12), weekly(start=11, end=14, types=[VACCINE])])
    assert [p.serves for p in expand(plan, MONDAY, MONDAY)] == [None, frozenset({VACCINE})]


def test_a_night_shift_begun_the_day_before_reaches_into_the_range() -> None:
    plan = Plan(zone=NEW_YORK, recurring=[weekly(weekday=6, start=22, end=6)])
    assert local(expand(plan, MONDAY, MONDAY)) == [("01 00:00", "01 06:00")]


def test_a_public_holiday_closes_recurring_hours_and_leaves_hours_of_the_date() -> None:
    independence = dt.date(2026, 7, 3)
    plan = Plan(
        zone=NEW_YORK,
        recurring=[weekly(weekday=4)],
        on_dates=[OnDate(date=independence, start=dt.time(10), end=dt.time(12))],
        holidays=[independence],
    )
    assert local(expand(plan, independence, independence)) == [("03 10:00", "03 12:00")]


def test_time_off_closes_hours_of_a_date_too() -> None:
    plan = Plan(
        zone=NEW_YORK,
        on_dates=[OnDate(date=MONDAY, start=dt.time(8), end=dt.time(12))],
        absences=[(dt.datetime(2026, 6, 1, 9, tzinfo=NEW_YORK), dt.datetime(2026, 6, 1, 10, tzinfo=NEW_YORK))],
    )
    assert local(expand(plan, MONDAY, MONDAY)) == [("01 08:00", "01 09:00"), ("01 10:00", "01 12:00")]


def days(text: str, first: dt.date, since: dt.date, until: dt.date) -> list[str]:
    return [f"{day:%Y-%m-%d}" for day in read_rule(text, first).dates(since, until)]


def test_rules_of_recurrence_are_counted_from_their_first_day() -> None:
    year = (dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2026, 12, 31))
    assert days("FREQ=MONTHLY;BYDAY=-1FR;COUNT=2", *year) == ["2026-01-30", "2026-02-27"]
    assert days("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH;UNTIL=20260131", *year) == ["2026-01-01", "2026-01-15", "2026-01-29"]
    assert days("RRULE:freq=daily;count=3", *year) == ["2026-01-01", "2026-01-02", "2026-01-03"]
    late = (dt.date(2026, 1, 1), dt.date(2026, 1, 3), dt.date(2026, 12, 31))
    assert days("FREQ=DAILY;COUNT=4", *late) == ["2026-01-03", "2026-01-04"]


def test_the_29th_of_february_comes_in_leap_years_alone() -> None:
    found = days("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", dt.date(2026, 1, 1), dt.date(2026, 1, 1), dt.date(2034, 1, 1))
    assert found == ["2028-02-29", "2032-02-29"]


@pytest.mark.parametrize(
    "text",
    [
        "FREQ=SECONDLY", "FREQ=MINUTELY", "FREQ=HOURLY", "FREQ=DAILY;BYHOUR=9", "FREQ=DAILY;COUNT=2;UNTIL=20270101",
        "FREQ=DAILY;FREQ=DAILY", "", "BYDAY=MO", "FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=0", "FREQ=DAILY;UNTIL=20261399",
        "FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYEASTER=1", "FREQ=DAILY\nDTSTART:20200101", "FREQ=DAILY;UNTIL=20200101",
        "FREQ=MONTHLY;BYMONTHDAY=0", "FREQ=DAILY;BYDAY=XX", "FREQ=YEARLY;BYMONTH=13", "💉", "FREQ=DAILY;COUNT=٣",
        "FREQ=WEEKLY;BYDAY=99MO", "FREQ=DAILY;BYSETPOS=1",
    ],
)  # fmt: skip
def test_a_rule_that_cannot_be_used_is_refused_in_a_sentence(text: str) -> None:
    with pytest.raises(UnusableRule) as refused:
        read_rule(text, dt.date(2026, 1, 1))
    assert str(refused.value).endswith(".")


@given(st.text(alphabet="FREQDAILYWEKBYMONTHSPU=;,-+0123456789", max_size=60))
def test_no_text_makes_a_rule_that_fails_otherwise(text: str) -> None:
    try:
        rule = read_rule(text, dt.date(2026, 1, 1))
    except UnusableRule:
        return
    assert rule.dates(dt.date(2026, 1, 1), dt.date(2036, 12, 31))


def test_holidays_follow_the_region() -> None:
    christmas = dt.date(2026, 12, 25)
    assert public_holidays("US-NY", christmas, christmas) == {christmas: "Christmas Day"}
    boxing = dt.date(2026, 12, 26)
    assert boxing in public_holidays("GB-ENG", boxing, boxing)
    assert public_holidays("", christmas, christmas) == {}
    assert not is_known_region("US-XX")
    assert not is_known_region("ZZ")
    assert is_known_region("IN")
