"""What decides about a send: first the visit, then the person, then the hour."""

import datetime as dt
import uuid
from dataclasses import replace

import pytest

from notifications.rules.deciding import Go, Situation, Skip, VisitNow, Wait, decide_sending
from notifications.rules.reasons import Why

NOW = dt.datetime(2026, 6, 1, 14, tzinfo=dt.UTC)
TOMORROW = NOW + dt.timedelta(days=1)
VISIT = VisitNow(id=uuid.UUID(int=1), status="booked", starts_at=TOMORROW, told_starts_at=TOMORROW)
REMINDER = Situation(now=NOW, kind="reminder", urgent=False, expires_at=TOMORROW, visits=(VISIT,))
NIGHT_ENDS = NOW + dt.timedelta(hours=8)


def about(**changes: object) -> Situation:
    return replace(REMINDER, visits=(replace(VISIT, **changes),))  # type: ignore[arg-type]


def test_a_reminder_of_a_visit_as_it_was_told_is_sent() -> None:
    assert decide_sending(REMINDER) == Go((VISIT.id,))


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"status": "cancelled"}, Why.VISIT_CANCELLED),
        ({"status": "arrived"}, Why.VISIT_OVER),
        ({"status": "no_show"}, Why.VISIT_OVER),
        ({"starts_at": TOMORROW + dt.timedelta(hours=1)}, Why.VISIT_MOVED),
        ({"starts_at": NOW, "told_starts_at": NOW}, Why.VISIT_BEGUN),
    ],
)
def test_a_visit_that_changed_is_not_reminded_of(changes: dict[str, object], why: Why) -> None:
    assert decide_sending(about(**changes)) == Skip(why)


def test_a_confirmed_visit_is_still_reminded_of() -> None:
    assert decide_sending(about(status="confirmed")) == Go((VISIT.id,))


def test_of_several_visits_those_are_told_that_are_as_they_were() -> None:
    other = VisitNow(id=uuid.UUID(int=2), status="cancelled", starts_at=TOMORROW, told_starts_at=TOMORROW)
    assert decide_sending(replace(REMINDER, visits=(VISIT, other))) == Go((VISIT.id,))
    assert decide_sending(replace(REMINDER, visits=(other, VISIT))) == Go((VISIT.id,))


def test_the_later_of_two_visits_is_told_when_the_first_has_begun() -> None:
    begun = VisitNow(id=uuid.UUID(int=2), status="booked", starts_at=NOW, told_starts_at=NOW)
    late = replace(REMINDER, expires_at=NOW, visits=(begun, VISIT))
    assert decide_sending(late) == Go((VISIT.id,))
    assert decide_sending(replace(late, visits=(begun,))) == Skip(Why.VISIT_BEGUN)
    assert decide_sending(replace(late, kind="will_call")) == Skip(Why.EXPIRED)


def test_a_cancellation_that_was_undone_is_not_told() -> None:
    told = replace(about(status="booked"), kind="cancelled")
    assert decide_sending(told) == Skip(Why.NOT_CANCELLED)
    assert decide_sending(replace(about(status="cancelled"), kind="cancelled")) == Go((VISIT.id,))


def test_a_move_back_to_the_time_that_was_told_last_is_no_news() -> None:
    moved = replace(REMINDER, kind="moved")
    assert decide_sending(replace(moved, known_time=TOMORROW)) == Skip(Why.NOTHING_NEW)
    assert decide_sending(replace(moved, known_time=NOW)) == Go((VISIT.id,))
    assert decide_sending(moved) == Go((VISIT.id,))


def test_the_visit_is_named_before_the_address() -> None:
    assert decide_sending(replace(about(status="cancelled"), blocked=Why.NO_CONSENT)) == Skip(Why.VISIT_CANCELLED)
    assert decide_sending(replace(REMINDER, blocked=Why.OPTED_OUT)) == Skip(Why.OPTED_OUT)


def test_mail_of_an_account_is_bound_by_its_time_alone() -> None:
    mail = Situation(now=NOW, kind="account_code", urgent=True, expires_at=NOW + dt.timedelta(minutes=1))
    assert decide_sending(mail) == Go()
    assert decide_sending(replace(mail, expires_at=NOW)) == Skip(Why.EXPIRED)
    assert decide_sending(replace(mail, expires_at=None)) == Go()


def test_nobody_is_reminded_at_night() -> None:
    assert decide_sending(replace(REMINDER, quiet_until=NIGHT_ENDS)) == Wait(NIGHT_ENDS, Why.QUIET_HOURS)


def test_what_a_person_waits_for_is_sent_at_night() -> None:
    assert decide_sending(replace(REMINDER, urgent=True, quiet_until=NIGHT_ENDS)) == Go((VISIT.id,))


@pytest.mark.parametrize("kind", ["moved", "cancelled"])
@pytest.mark.parametrize(("hours", "waits"), [(1.9, False), (2, True)])
def test_a_change_is_told_at_night_if_the_visit_begins_early(kind: str, hours: float, waits: bool) -> None:
    start = NIGHT_ENDS + dt.timedelta(hours=hours)
    status = "cancelled" if kind == "cancelled" else "booked"
    situation = replace(about(status=status, starts_at=start, told_starts_at=start), kind=kind, quiet_until=NIGHT_ENDS)
    assert decide_sending(situation) == (Wait(NIGHT_ENDS, Why.QUIET_HOURS) if waits else Go((VISIT.id,)))


def test_a_person_who_was_written_to_enough_in_this_hour_is_written_to_later() -> None:
    recent = tuple(NOW - dt.timedelta(minutes=minutes) for minutes in (50, 40, 10))
    assert decide_sending(replace(REMINDER, recent=recent, cap=4)) == Go((VISIT.id,))
    wait = decide_sending(replace(REMINDER, recent=recent, cap=3))
    assert wait == Wait(NOW + dt.timedelta(minutes=10), Why.HOURLY_CAP)
    assert decide_sending(replace(REMINDER, recent=recent, cap=2)) == Wait(
        NOW + dt.timedelta(minutes=20), Why.HOURLY_CAP
    )
    assert decide_sending(replace(REMINDER, recent=recent, cap=3, urgent=True)) == Go((VISIT.id,))
