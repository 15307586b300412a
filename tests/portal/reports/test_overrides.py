"""Who put a visit where the rules would not, why and when."""

import datetime as dt

from appointments.models import Appointment
from mediconnect.portal.reports.reading import overrides_of
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
