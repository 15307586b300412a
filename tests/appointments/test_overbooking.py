"""Overriding with a budget: so many a day for a role, counted where it is decided."""

from typing import Any

import pytest

from appointments.errors import OverbookingBudgetSpent
from appointments.models import Appointment
from appointments.rules.overbooking import Budget, budget_that_counts
from appointments.services.booking import Override, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.walk_in import add_walk_in
from mediconnect.api.versions import Expected
from providers.models import Membership, OverbookingBudget, Role
from tests.factories import UserFactory

from .conftest import SmallClinic


def over(place: SmallClinic, hour: int, patient: int = 0, **changes: Any) -> Appointment:
    """Book as the front desk, against the rules."""
    override = changes.pop("override", Override(place.desk.pk, "in pain"))
    booking = place.booking(place.at(hour), patient=patient, override=override, **changes)
    return book_appointment(booking, caller=place.staff)[0]


def budget(place: SmallClinic, per_day: int, role: Role = Role.FRONT_DESK) -> OverbookingBudget:
    return OverbookingBudget.objects.create(clinic=place.clinic, role=role, per_day=per_day)


def test_without_a_budget_there_is_no_limit(place: SmallClinic) -> None:
    for hour in range(9, 14):
        over(place, hour)


def test_the_day_s_budget_is_used_up_and_the_refusal_says_whose_it_is(place: SmallClinic) -> None:
    budget(place, 2)
    over(place, 9)
    over(place, 10)
    with pytest.raises(OverbookingBudgetSpent) as refused:
        over(place, 11)
    assert refused.value.extra["explain"] == {
        "rule": "overbooking_budget",
        "role": "front_desk",
        "per_day": 2,
        "used": 2,
    }
    assert Appointment.objects.count() == 2


def test_a_free_time_needs_no_budget(place: SmallClinic) -> None:
    budget(place, 0)
    book_appointment(place.booking(place.at(9)), caller=place.staff)


def test_each_day_has_a_budget_of_its_own(place: SmallClinic) -> None:
    budget(place, 1)
    over(place, 9)
    booking = place.booking(place.at(9, days=3), override=Override(place.desk.pk, "in pain"))
    book_appointment(booking, caller=place.staff)


def test_a_cancelled_visit_gives_its_share_back(place: SmallClinic) -> None:
    budget(place, 1)
    visit = over(place, 9)
    cancel_appointment(
        appointment_id=visit.pk, reason="clinic_error", expected=Expected(1, by_header=False), caller=place.staff
    )
    over(place, 10)


def test_a_visit_that_was_put_over_the_rules_moves_within_its_day(place: SmallClinic) -> None:
    budget(place, 1)
    visit = over(place, 9)
    moved, _ = reschedule_appointment(
        appointment_id=visit.pk,
        start=place.at(11),
        expected=Expected(1, by_header=False),
        caller=place.staff,
        override=Override(place.desk.pk, "in pain"),
    )
    assert moved.starts_at == place.at(11)


def test_a_move_against_the_rules_is_counted_as_well(place: SmallClinic) -> None:
    budget(place, 0)
    visit, _ = book_appointment(place.booking(place.at(9)), caller=place.staff)
    with pytest.raises(OverbookingBudgetSpent):
        reschedule_appointment(
            appointment_id=visit.pk,
            start=place.at(11),
            expected=Expected(1, by_header=False),
            caller=place.staff,
            override=Override(place.desk.pk, "in pain"),
        )
    visit.refresh_from_db()
    assert visit.starts_at == place.at(9)


def test_whoever_has_a_role_without_a_budget_is_not_bound(place: SmallClinic) -> None:
    budget(place, 0)
    manager = UserFactory.create()
    for role in (Role.FRONT_DESK, Role.CLINIC_ADMIN):
        Membership.objects.create(user=manager, clinic=place.clinic, role=role)
    over(place, 9, override=Override(manager.pk, "agreed with the doctor"))


def test_colleagues_of_one_role_share_the_budget(place: SmallClinic) -> None:
    budget(place, 1)
    colleague = UserFactory.create()
    Membership.objects.create(user=colleague, clinic=place.clinic, role=Role.FRONT_DESK)
    over(place, 9, override=Override(colleague.pk, "in pain"))
    with pytest.raises(OverbookingBudgetSpent):
        over(place, 10)


def test_nobody_at_the_desk_is_sent_away_for_a_number(place: SmallClinic) -> None:
    budget(place, 0)
    for number in range(3):
        visit = add_walk_in(
            patient_id=place.patients[number].pk,
            appointment_type_id=place.kind.pk,
            provider_id=place.provider.pk,
            caller=place.staff,
        )
        assert visit.status == "arrived"


def test_the_budget_with_most_left_binds_and_none_binds_whoever_has_no_role() -> None:
    desk, doctor = Budget("front_desk", 2, 2), Budget("provider", 3, 1)
    assert budget_that_counts(["front_desk", "provider"], [desk, doctor]) == doctor
    assert budget_that_counts(["front_desk"], [desk, doctor]) == desk
    assert budget_that_counts([], [desk, doctor]) is None
    assert budget_that_counts(["clinic_admin", "front_desk"], [desk, doctor]) is None
    assert Budget("front_desk", 1, 4).left == 0
