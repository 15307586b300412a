"""Budgets for overriding: set by whoever runs the clinic, kept at the desk."""

import pytest

from mediconnect.records.models import Change
from providers.models import OverbookingBudget, Role
from tests.portal.setup.conftest import House, words

pytestmark = pytest.mark.django_db

PAGE = "overbooking/"


def budgets(house: House) -> dict[str, int]:
    return dict(OverbookingBudget.objects.filter(clinic=house.clinic).values_list("role", "per_day"))


def test_nothing_limits_anybody_before_it_is_set(house: House) -> None:
    page = house.get(PAGE)
    assert page.status_code == 200
    assert "Empty: no limit." in words(page)


def test_budgets_are_set_changed_and_taken_away(house: House) -> None:
    answer = house.post(PAGE, {"front_desk": "3", "provider": "0"})
    assert (answer.status_code, answer["Location"]) == (303, house.address(PAGE))
    assert budgets(house) == {"front_desk": 3, "provider": 0}
    row = OverbookingBudget.objects.get(role=Role.FRONT_DESK)
    assert Change.objects.of(row).get().actor_id == house.admin.pk
    assert 'value="3"' in house.get(PAGE).content.decode()
    house.post(PAGE, {"front_desk": "", "seen_front_desk": "3", "provider": "1", "seen_provider": "0"})
    assert budgets(house) == {"provider": 1}


@pytest.mark.parametrize("typed", ["-1", "101", "many"])
def test_what_is_no_budget_is_refused_at_its_field(house: House, typed: str) -> None:
    page = house.post(PAGE, {"front_desk": typed})
    assert page.status_code == 422
    assert f'value="{typed}"' in page.content.decode()
    assert budgets(house) == {}


def test_the_second_of_two_is_shown_what_the_first_set(house: House) -> None:
    house.post(PAGE, {"front_desk": "3"})
    page = house.post(PAGE, {"front_desk": "5", "seen_front_desk": ""})
    assert page.status_code == 409
    assert "Somebody else set these budgets a moment ago." in words(page)
    assert 'value="3"' in page.content.decode()
    assert budgets(house) == {"front_desk": 3}


def test_another_clinic_s_budgets_are_its_own(house: House, strangers: House) -> None:
    house.post(PAGE, {"front_desk": "3"})
    assert budgets(strangers) == {}
    assert house.browser.get(strangers.address(PAGE)).status_code == 404
