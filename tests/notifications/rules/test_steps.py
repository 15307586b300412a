"""When reminders are due: before the visit, not at night, not twice, not about what was just said."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from notifications.models.policy import DEFAULT_STEPS
from notifications.rules.quiet import quiet_until
from notifications.rules.reasons import Why
from notifications.rules.steps import LEAST_NOTICE, Nights, Step, due_time, steps_before

ZONE = ZoneInfo("America/New_York")
NIGHTS = Nights(ZONE, dt.time(21), dt.time(8))
LONG_AGO = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def at(day: int, hour: int, minute: int = 0) -> dt.datetime:
    """Return a time of June 2026 in New York."""
    return dt.datetime(2026, 6, day, hour, minute, tzinfo=ZONE)


def steps(starts_at: dt.datetime, since: dt.datetime = LONG_AGO, *, told: bool = True) -> tuple[Step, ...]:
    """Return the usual steps."""
    return steps_before(starts_at, leads=DEFAULT_STEPS, nights=NIGHTS, since=since, told=told)


def test_the_usual_steps_are_a_week_two_days_and_three_hours_before() -> None:
    assert [(step.due_at, step.skip) for step in steps(at(20, 14))] == [
        (at(13, 14), None),
        (at(18, 14), None),
        (at(20, 11), None),
    ]


def test_a_step_at_night_waits_for_the_morning() -> None:
    assert due_time(at(20, 10), 180, NIGHTS) == at(20, 8)


def test_a_step_that_the_morning_would_bring_too_close_is_sent_the_evening_before() -> None:
    assert due_time(at(20, 8, 30), 180, NIGHTS) == at(19, 20)
    assert due_time(at(20, 9), 180, NIGHTS) == at(20, 8)


def test_steps_whose_time_had_passed_when_it_was_booked_are_not_sent() -> None:
    assert [step.skip for step in steps(at(20, 14), since=at(17, 9))] == [Why.BOOKED_LATER, None, None]


def test_a_step_within_two_hours_of_the_news_says_nothing_new() -> None:
    assert [step.skip for step in steps(at(20, 14), since=at(18, 13))] == [Why.BOOKED_LATER, Why.JUST_TOLD, None]
    assert [step.skip for step in steps(at(20, 14), since=at(18, 13), told=False)] == [Why.BOOKED_LATER, None, None]


def test_a_step_that_the_night_moves_behind_a_later_one_is_not_sent() -> None:
    found = steps_before(at(20, 8, 30), leads=[12 * 60, 180], nights=NIGHTS, since=LONG_AGO, told=True)
    assert [(step.lead_minutes, step.due_at, step.skip) for step in found] == [
        (720, at(19, 20, 30), Why.OVERTAKEN),
        (180, at(19, 20), None),
    ]


@given(
    st.integers(0, 2 * 365 * 24 * 60),
    st.sets(st.integers(60, 20_000), max_size=6),
    st.sampled_from(["America/New_York", "Europe/Madrid", "Asia/Kathmandu"]),
)
def test_no_step_is_due_at_night_or_after_the_visit_began(minutes: int, leads: set[int], name: str) -> None:
    zone, starts_at = ZoneInfo(name), LONG_AGO + dt.timedelta(minutes=minutes)
    nights = Nights(zone, dt.time(21), dt.time(8))
    found = steps_before(starts_at, leads=leads, nights=nights, since=LONG_AGO - dt.timedelta(days=60), told=True)
    assert {step.lead_minutes for step in found} == leads
    for step in found:
        assert quiet_until(step.due_at, zone=zone, begins=nights.begins, ends=nights.ends) is None
        assert step.due_at <= starts_at - LEAST_NOTICE
    sent = [step.due_at for step in found if step.skip is None]
    assert sent == sorted(set(sent))
    assert bool(sent) == bool(leads)


@pytest.mark.parametrize("lead", [0, 30])
def test_a_step_shorter_than_an_hour_keeps_its_time_by_day(lead: int) -> None:
    assert due_time(at(20, 14), lead, NIGHTS) == at(20, 14) - dt.timedelta(minutes=lead)
