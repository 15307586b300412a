"""May this visit be booked? Each rule alone, their order, and what free seats and rooms are left."""

import datetime as dt
import uuid
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from appointments.rules.admission import Blocked, Conflict, Situation, blocked_by, free_of, free_seat
from appointments.rules.terms import Terms
from tests.appointments.subjects import PROVIDER, terms

NOW = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)
START = dt.datetime(2026, 6, 3, 14, tzinfo=dt.UTC)  # ten o'clock in New York
ROOMS = tuple(uuid.UUID(int=number) for number in range(10, 13))
MINUTE = dt.timedelta(minutes=1)


def situation(**changes: Any) -> Situation:
    """Return a situation in which nothing is in the way."""
    words: dict[str, Any] = {"now": NOW, "open": True}
    return Situation(**(words | changes))


def conflict(low: int, high: int, *, resource: uuid.UUID = PROVIDER, held_until: dt.datetime | None = None) -> Conflict:
    """Return a claim from so many to so many minutes after the wished start."""
    return Conflict(resource, START + low * MINUTE, START + high * MINUTE, held_until)


def blocked(found: Terms, there: Situation, *, start: dt.datetime = START, by_patient: bool = True) -> list[Blocked]:
    """Ask the rules."""
    return blocked_by(found, found.span(start), there, by_patient=by_patient)


def rules(found: Terms, there: Situation, **words: Any) -> list[str]:
    """Return the names of the rules that say no."""
    return [one.rule for one in blocked(found, there, **words)]


def test_nothing_in_the_way_is_free() -> None:
    assert rules(terms(), situation()) == []


@pytest.mark.parametrize(
    ("changes", "there", "rule", "code", "status"),
    [
        ({}, {"patient_visit": uuid.UUID(int=9)}, "patient_overlap", "patient-overlap", 409),
        ({"bookable_online": False}, {}, "online", "not-bookable-online", 422),
        ({"minimum_notice_minutes": 60 * 24 * 3}, {}, "notice", "too-soon", 422),
        ({"horizon_days": 1}, {}, "horizon", "too-far", 422),
        ({"open_bookings_limit": 2}, {"open_bookings": 2}, "booking_limit", "booking-limit", 422),
        ({"open_of_type_limit": 1}, {"open_of_type": 1}, "booking_limit", "booking-limit", 422),
        ({"open_at_all_limit": 4}, {"open_at_all": 4}, "booking_limit", "booking-limit", 422),
        ({}, {"open": False}, "hours", "outside-availability", 422),
        ({"daily_limit": 4}, {"visits_that_day": 4}, "daily_limit", "daily-limit", 422),
        ({}, {"conflicts": [conflict(0, 30)]}, "booked", "slot-taken", 409),
        ({}, {"conflicts": [conflict(0, 30, held_until=NOW + MINUTE)]}, "held", "slot-taken", 409),
        ({"buffer_before": 10}, {"conflicts": [conflict(-5, 0)]}, "buffer", "slot-taken", 409),
        ({"buffer_after": 10}, {"conflicts": [conflict(30, 35)]}, "buffer", "slot-taken", 409),
        ({"needs_room": True}, {}, "room", "slot-taken", 409),
        ({"needs_device": True}, {}, "room", "slot-taken", 409),
    ],
)
def test_each_rule_says_no_by_name(
    changes: dict[str, Any], there: dict[str, Any], rule: str, code: str, status: int
) -> None:
    (found,) = blocked(terms(**changes), situation(**there))
    assert (found.rule, found.refusal.code, found.refusal.status) == (rule, code, status)


@pytest.mark.parametrize(
    ("changes", "there"),
    [
        ({"bookable_online": False}, {}),
        ({"minimum_notice_minutes": 60 * 24 * 3}, {}),
        ({"horizon_days": 1}, {}),
        ({"open_bookings_limit": 2}, {"open_bookings": 2}),
        ({"open_of_type_limit": 2}, {"open_of_type": 2}),
        ({"open_at_all_limit": 2}, {"open_at_all": 2}),
    ],
)
def test_policy_binds_patients_alone(changes: dict[str, Any], there: dict[str, Any]) -> None:
    assert rules(terms(**changes), situation(**there), by_patient=False) == []


def test_limits_are_reached_and_not_before() -> None:
    assert rules(terms(daily_limit=4), situation(visits_that_day=3)) == []
    assert rules(terms(open_bookings_limit=2), situation(open_bookings=1)) == []


def test_a_booking_limit_says_which_it_is_and_how_many() -> None:
    limits = terms(open_bookings_limit=2, open_of_type_limit=1, open_at_all_limit=3)
    found = blocked(limits, situation(open_bookings=2, open_of_type=1, open_at_all=3))
    assert [dict(rule.says) for rule in found] == [
        {"limit": "provider", "most": 2}, {"limit": "type", "most": 1}, {"limit": "clinic", "most": 3},
    ]  # fmt: skip
    assert len({rule.refusal.sentence for rule in found}) == 3


def test_notice_and_horizon_are_kept_to_the_minute() -> None:
    notice, horizon = terms(minimum_notice_minutes=60), terms(horizon_days=2)
    assert rules(notice, situation(now=START - 60 * MINUTE)) == []
    assert rules(notice, situation(now=START - 59 * MINUTE)) == ["notice"]
    assert rules(horizon, situation(now=START - dt.timedelta(days=2))) == []
    assert rules(horizon, situation(now=START - dt.timedelta(days=2) - MINUTE)) == ["horizon"]


def test_patients_keep_to_the_clinic_s_grid_and_the_desk_need_not() -> None:
    off = START + 5 * MINUTE
    assert rules(terms(), situation(), start=off) == ["hours"]
    assert rules(terms(), situation(), start=off, by_patient=False) == []
    # Kolkata is half an hour off: on the hour by its own clock is half past by London's.
    kolkata = terms(timezone="Asia/Kolkata", start_grid=60)
    assert rules(kolkata, situation(), start=START) == ["hours"]
    assert rules(kolkata, situation(), start=START + 30 * MINUTE) == []


def test_everything_is_said_in_the_order_in_which_one_wants_to_hear_it() -> None:
    everything = situation(
        open=False, patient_visit=uuid.UUID(int=9), visits_that_day=1, open_bookings=9, conflicts=[conflict(0, 30)]
    )
    found = terms(bookable_online=False, daily_limit=1, needs_room=True, minimum_notice_minutes=60 * 24 * 9)
    assert rules(found, everything) == [
        "patient_overlap", "online", "notice", "booking_limit", "hours", "daily_limit", "booked", "room",
    ]  # fmt: skip


def test_until_is_when_the_conflict_ends() -> None:
    (taken,) = blocked(terms(), situation(conflicts=[conflict(-10, 20)]))
    assert taken.until == START + 20 * MINUTE
    (held,) = blocked(terms(), situation(conflicts=[conflict(-10, 20, held_until=NOW + 3 * MINUTE)]))
    assert held.until == NOW + 3 * MINUTE


@given(
    taken=st.lists(st.sampled_from(ROOMS), max_size=5),
    closed=st.sets(st.sampled_from(ROOMS)),
    offered=st.lists(st.sampled_from(ROOMS), unique=True),
)
def test_the_first_room_that_is_neither_taken_nor_closed(
    taken: list[uuid.UUID], closed: set[uuid.UUID], offered: list[uuid.UUID]
) -> None:
    there = situation(conflicts=[conflict(0, 30, resource=room) for room in taken], closed_things=frozenset(closed))
    free = [room for room in offered if room not in taken and room not in closed]
    assert free_of(offered, there) == (free[0] if free else None)
    needing = terms(needs_room=True, rooms=tuple(offered))
    assert rules(needing, there) == ([] if free else ["room"])


@given(capacity=st.integers(2, 8), seats=st.sets(st.integers(1, 8)), held=st.integers(0, 8))
def test_the_lowest_free_seat_while_there_are_more_than_are_held(capacity: int, seats: set[int], held: int) -> None:
    taken = {seat for seat in seats if seat <= capacity}
    group = terms(capacity=capacity)
    there = situation(session_id=uuid.UUID(int=7), seats_taken=frozenset(taken), seats_held=held)
    free = sorted(set(range(1, capacity + 1)) - taken)
    expected = free[0] if len(free) > held else None
    assert free_seat(group, there) == expected
    assert rules(group, there) == ([] if expected else ["booked"])


def test_a_group_that_has_not_met_needs_its_whole_time() -> None:
    group = terms(capacity=5)
    assert rules(group, situation(conflicts=[conflict(0, 30)])) == ["booked"]
    # One that everybody left has to win it again; one that meets has it, whoever was put over it on purpose.
    left = situation(session_id=uuid.UUID(int=7), conflicts=[conflict(0, 30)])
    assert rules(group, left) == ["booked"]
    meeting = situation(session_id=uuid.UUID(int=7), seats_taken=frozenset({1}), conflicts=[conflict(0, 30)])
    assert rules(group, meeting) == []
