"""Free starts, compared minute by minute with an oracle that knows no intervals, only minutes that are open or taken."""

import datetime as dt
import zoneinfo
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.rules.starts import (
    Ranges,
    blocked_starts,
    common,
    covers,
    free_starts,
    meets,
    merged,
    minus,
    offset_minutes,
    on_grid,
    outside,
)
from appointments.rules.terms import Span, Terms
from tests.appointments.subjects import terms

HORIZON = 240
ZONES = ["America/New_York", "Europe/London", "Australia/Lord_Howe", "Asia/Kolkata"]
YEARS = range(2026, 2036)
GRIDS = [5, 10, 15, 20, 30, 60]
DAY = dt.timedelta(days=1)


def ranges(longest: int = 90) -> st.SearchStrategy[Ranges]:
    """Return any ranges: out of order, overlapping, adjoining."""
    one = st.tuples(st.integers(0, HORIZON), st.integers(1, longest)).map(lambda pair: (pair[0], sum(pair)))
    return st.lists(one, max_size=6)


def minutes(some: Ranges) -> set[int]:
    """Return every minute in the ranges."""
    return {minute for low, high in some for minute in range(low, high)}


@given(ranges())
def test_merged_ranges_hold_the_same_minutes_in_order_and_apart(some: Ranges) -> None:
    found = merged(some)
    assert minutes(found) == minutes(some)
    assert all(left[1] < right[0] for left, right in pairwise(found))


@given(st.lists(ranges(), min_size=1, max_size=4))
def test_what_is_common_lies_in_every_list(lists: list[Ranges]) -> None:
    assert minutes(common([merged(one) for one in lists])) == set.intersection(*(minutes(one) for one in lists))


def test_nothing_is_common_to_no_lists() -> None:
    assert common([]) == []


@given(ranges(), ranges())
def test_what_is_left_is_what_is_not_taken(some: Ranges, taken: Ranges) -> None:
    left = minus(merged(some), merged(taken))
    assert minutes(left) == minutes(some) - minutes(taken)
    assert left == merged(left)


@given(ranges(), st.integers(0, HORIZON), st.integers(1, HORIZON))
def test_outside_is_the_rest_of_the_window(some: Ranges, low: int, length: int) -> None:
    window = (low, low + length)
    assert minutes(outside(merged(some), window)) == minutes([window]) - minutes(some)


@given(ranges(), st.integers(0, HORIZON), st.integers(1, 60))
def test_meeting_shares_a_minute_and_covering_has_them_all(some: Ranges, low: int, length: int) -> None:
    wanted, there = set(range(low, low + length)), minutes(some)
    assert meets(merged(some), low, low + length) == bool(wanted & there)
    assert covers(merged(some), low, low + length) == (wanted <= there)


@given(
    opens=ranges(),
    busy=st.lists(ranges(longest=40), min_size=1, max_size=3),
    before=st.integers(0, 20),
    length=st.integers(1, 60),
    after=st.integers(0, 20),
)
def test_a_start_is_free_if_its_visit_is_open_and_what_it_occupies_is_not_taken(
    opens: Ranges, busy: list[Ranges], before: int, length: int, after: int
) -> None:
    blocked = [blocked_starts(one, before=before, length=length, after=after) for one in busy]
    found = minutes(free_starts(opens, blocked, length=length))
    is_open, taken = minutes(opens), minutes([pair for one in busy for pair in one])
    wanted = {
        start
        for start in range(2 * HORIZON)
        if is_open >= set(range(start, start + length))
        and not taken & set(range(start - before, start + length + after))
    }
    assert found == wanted


@given(opens=ranges(), things=st.lists(ranges(longest=60), min_size=1, max_size=3), length=st.integers(1, 60))
def test_with_several_rooms_a_start_is_free_while_one_of_them_is(
    opens: Ranges, things: list[Ranges], length: int
) -> None:
    all_taken = common([blocked_starts(one, before=0, length=length, after=0) for one in things])
    found = minutes(free_starts(opens, [all_taken], length=length))
    wanted = {
        start
        for start in range(2 * HORIZON)
        if minutes(opens) >= set(range(start, start + length))
        and any(not minutes(one) & set(range(start, start + length)) for one in things)
    }
    assert found == wanted


# The clock.


@cache
def change_days(name: str) -> list[dt.date]:
    """Return the days of ten years on which the zone's clocks change; for a zone without, an ordinary one."""
    zone, found, day = zoneinfo.ZoneInfo(name), [], dt.date(YEARS[0], 1, 1)
    while day.year in YEARS:
        if _midnight(day, zone).utcoffset() != _midnight(day + DAY, zone).utcoffset():
            found.append(day)
        day += DAY
    return found or [dt.date(2028, 2, 29)]


def _midnight(day: dt.date, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(), zone)


def _minute(instant: dt.datetime) -> int:
    return int(instant.timestamp()) // 60


def by_the_clock(low: int, high: int, grid: int, zone: zoneinfo.ZoneInfo) -> list[int]:
    """Ask the clock at each minute whether it shows a time on the grid."""
    return [minute for minute in range(low, high) if dt.datetime.fromtimestamp(minute * 60, zone).minute % grid == 0]


CASES = [(name, day) for name in ZONES for day in change_days(name)]


@pytest.mark.parametrize(("name", "day"), CASES, ids=[f"{name}-{day}" for name, day in CASES])
def test_the_grid_follows_the_clock_through_every_change(name: str, day: dt.date) -> None:
    zone = zoneinfo.ZoneInfo(name)
    low, high = _minute(_midnight(day, zone)) - 60, _minute(_midnight(day + DAY, zone)) + 60
    for grid in GRIDS:
        assert list(on_grid([(low, high)], grid=grid, zone=zone)) == by_the_clock(low, high, grid, zone)
        uneven = [(low + 7, low + 190), (low + 203, high - 11)]
        wanted = [start for pair in uneven for start in by_the_clock(*pair, grid, zone)]
        assert list(on_grid(uneven, grid=grid, zone=zone)) == wanted


def test_a_change_day_has_as_many_quarters_as_it_has() -> None:
    for name, day, quarters in (
        ("America/New_York", dt.date(2026, 3, 8), 23 * 4),
        ("America/New_York", dt.date(2026, 11, 1), 25 * 4),
        ("Australia/Lord_Howe", dt.date(2026, 10, 4), 47 * 2),
        ("Australia/Lord_Howe", dt.date(2027, 4, 4), 49 * 2),
        ("Asia/Kolkata", dt.date(2028, 2, 29), 24 * 4),
    ):
        zone = zoneinfo.ZoneInfo(name)
        whole = (_minute(_midnight(day, zone)), _minute(_midnight(day + DAY, zone)))
        assert len(list(on_grid([whole], grid=15, zone=zone))) == quarters


def test_the_missing_hour_offers_no_start_and_the_doubled_one_offers_each_instant_once() -> None:
    zone = zoneinfo.ZoneInfo("America/New_York")

    def shown(day: dt.date) -> list[str]:
        whole = (_minute(_midnight(day, zone)), _minute(_midnight(day, zone)) + 5 * 60)
        starts = on_grid([whole], grid=30, zone=zone)
        return [dt.datetime.fromtimestamp(start * 60, zone).strftime("%H:%M%z") for start in starts]

    spring = shown(dt.date(2026, 3, 8))
    assert "01:30-0500" in spring
    assert "03:00-0400" in spring
    assert not [text for text in spring if text.startswith("02")]
    autumn = shown(dt.date(2026, 11, 1))
    assert [text for text in autumn if text.startswith("01:30")] == ["01:30-0400", "01:30-0500"]
    assert len(set(autumn)) == len(autumn)


@pytest.mark.parametrize("name", ZONES)
def test_an_opening_of_many_months_keeps_to_the_clock(name: str) -> None:
    # From January to December the offset is the same at both ends, and changed twice in between.
    zone = zoneinfo.ZoneInfo(name)
    low, high = _minute(_midnight(dt.date(2026, 1, 15), zone)), _minute(_midnight(dt.date(2026, 12, 15), zone))
    found = list(on_grid([(low, high)], grid=60, zone=zone))
    assert {dt.datetime.fromtimestamp(start * 60, zone).minute for start in found} == {0}
    assert found == sorted(set(found))


def test_the_offset_is_the_clock_s() -> None:
    kolkata = zoneinfo.ZoneInfo("Asia/Kolkata")
    assert offset_minutes(_minute(dt.datetime(2026, 6, 1, tzinfo=kolkata)), kolkata) == 330


# Days.


def local(base: Terms, *when: int, fold: int = 0) -> dt.datetime:
    """Return that wall-clock time by the clinic's clock."""
    return dt.datetime(*when, tzinfo=base.zone, fold=fold)  # type: ignore[arg-type,misc]


def test_a_visit_across_midnight_belongs_to_the_day_it_begins_in() -> None:
    base = terms(duration=60)
    start = local(base, 2026, 6, 1, 23, 30)
    assert base.local_day(start) == (local(base, 2026, 6, 1), local(base, 2026, 6, 2))
    assert base.span(start) == Span(start, local(base, 2026, 6, 2, 0, 30), 0, 0)
    day = [(_minute(local(base, 2026, 6, 1, 8)), _minute(local(base, 2026, 6, 2))),
           (_minute(local(base, 2026, 6, 2)), _minute(local(base, 2026, 6, 2, 4)))]  # fmt: skip
    assert _minute(start) in minutes(free_starts(day, [], length=60))  # two openings that adjoin at midnight are one
    assert _minute(start) not in minutes(free_starts(day[:1], [], length=60))


def test_the_29th_of_february_is_a_day_like_any_other() -> None:
    base = terms(duration=30)
    start = local(base, 2028, 2, 29, 23, 45)
    assert base.local_day(start) == (local(base, 2028, 2, 29), local(base, 2028, 3, 1))
    assert base.span(start).end == local(base, 2028, 3, 1, 0, 15)


@pytest.mark.parametrize("name", ZONES)
def test_a_day_is_as_long_as_the_clinic_s_clock_makes_it(name: str) -> None:
    base = terms(timezone=name)
    for day in change_days(name):
        first, following = base.local_day(dt.datetime.combine(day, dt.time(12), base.zone))
        assert (first.date(), following.date()) == (day, day + DAY)
        assert first.time() == following.time() == dt.time()
        in_fact = following.astimezone(dt.UTC) - first.astimezone(dt.UTC)
        assert in_fact in {dt.timedelta(hours=hours) for hours in (23, 23.5, 24, 24.5, 25)}


def test_a_visit_through_a_change_of_the_clock_lasts_as_long_as_it_lasts() -> None:
    base = terms(duration=60)
    for start in (
        local(base, 2026, 3, 8, 1, 30),
        local(base, 2026, 11, 1, 1, 30),
        local(base, 2026, 11, 1, 1, 30, fold=1),
    ):
        span = base.span(start)
        assert (span.end.astimezone(dt.UTC) - span.start.astimezone(dt.UTC)) == dt.timedelta(minutes=60)
