"""Who put a visit where the rules would not, why and when."""

import datetime as dt
from typing import Any

from appointments.models import Appointment
from mediconnect.portal.reports.reading import overrides_of, waiting_times_of
from tests.factories import UserFactory
from tests.portal.reports.clinic import Week, at
from tests.portal.reports.clinic import week as another_week


def test_an_override_says_who_why_when_and_for_what(week: Week) -> None:
    user = UserFactory.create(display_name="Robin Miller")
    visit = week.visit(at(2, 19), override_reason="wound opened again", overridden_by=user)
    (found,) = overrides_of(week.asked())
    assert (found.visit_id, found.starts_at, found.status) == (visit.pk, at(2, 19), "completed")
    assert (found.provider, found.type) == ("Dr. Amara Obi", "Consultation")
    assert (found.person, found.reason) == ("Robin Miller", "wound opened again")
    assert abs(found.decided_at - dt.datetime.now(dt.UTC)) < dt.timedelta(minutes=1)


def test_ordinary_visits_are_none_and_cancelled_overrides_stay(week: Week) -> None:
    week.open(at(2, 9), at(2, 12))
    week.visit(at(2, 9))
    week.visit(at(2, 20), status="cancelled", override_reason="late", overridden_by=UserFactory.create())
    assert [one.status for one in overrides_of(week.asked())] == ["cancelled"]


def test_a_visit_that_was_moved_over_another_counts_from_the_move(week: Week) -> None:
    week.open(at(2, 9), at(2, 12))
    visit = week.visit(at(2, 9), status="booked", booked=at(1, 8))
    user = UserFactory.create()
    Appointment.objects.filter(pk=visit.pk).update(override_reason="squeezed in", overridden_by=user)
    (found,) = overrides_of(week.asked())
    assert found.decided_at > at(2, 0)


def test_those_of_another_clinic_and_of_another_provider_are_left_out(week: Week) -> None:
    elsewhere = another_week()
    elsewhere.visit(at(2, 9), override_reason="elsewhere", overridden_by=UserFactory.create())
    mine = week.visit(at(3, 9), override_reason="here", overridden_by=UserFactory.create())
    assert [one.visit_id for one in overrides_of(week.asked())] == [mine.pk]
    assert overrides_of(week.asked(provider_id=elsewhere.provider.pk)) == []


def waited(week: Week, day: int, hour: int, arrived: int, seen: int, **columns: Any) -> None:
    """Write a visit of somebody who came and was seen so many minutes after its time (arrived may be early)."""
    start = at(day, hour)
    moments: dict[str, Any] = {
        "arrived_at": start + dt.timedelta(minutes=arrived),
        "started_at": start + dt.timedelta(minutes=seen),
        "ended_at": start + dt.timedelta(minutes=seen + 20),
    }
    week.visit(start, **moments, **columns)


def test_waiting_is_told_for_overbooked_days_and_for_others(week: Week) -> None:
    user = UserFactory.create()
    week.open(at(2, 8), at(2, 20))
    week.open(at(3, 8), at(3, 20))
    waited(week, 2, 9, -5, 10)  # early: waits from the visit's own time
    waited(week, 2, 10, 4, 24)  # late: waits from the arrival
    waited(week, 2, 21, 0, 30, override_reason="in pain", overridden_by=user)
    waited(week, 3, 9, -10, -4)  # seen before the time: waited for nothing
    waited(week, 3, 10, 0, 6)
    calm, overbooked = waiting_times_of(week.asked())
    assert (calm.overbooked, calm.days, calm.visits, calm.median) == (False, 1, 2, 3)
    assert (overbooked.overbooked, overbooked.days, overbooked.visits, overbooked.median) == (True, 1, 3, 20)
    assert round(overbooked.ninetieth) == 28


def test_whoever_was_not_seen_yet_has_not_waited_for_an_answer(week: Week) -> None:
    week.open(at(2, 8), at(2, 20))
    week.visit(at(2, 9), status="arrived", arrived_at=at(2, 9))
    assert waiting_times_of(week.asked()) == []
