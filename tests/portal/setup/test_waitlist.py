"""How freed time is offered: set by whoever runs the clinic, in general and by type of visit."""

from typing import Any

import pytest

from appointments.models import WaitlistPolicy
from appointments.queries.waitlist.policies import policy_for
from mediconnect.records.models import Change
from tests.portal.setup.conftest import House, words

pytestmark = pytest.mark.django_db

PAGE = "waitlist/"


def rules(**changes: Any) -> dict[str, Any]:
    """Return the form of a clinic that set nothing yet, with these changes."""
    usual = {
        "version": "0",
        "active": "on",
        "order": "priority",
        "at_once": "1",
        "minutes_over_a_day": "120",
        "minutes_over_four_hours": "30",
        "minutes_under_four_hours": "15",
        "latest_offer_minutes": "60",
    }
    return usual | changes


def test_the_page_shows_what_holds_before_anything_is_set(house: House) -> None:
    page = house.get(PAGE)
    assert page.status_code == 200
    assert 'value="120"' in page.content.decode()
    assert f"{house.kind.name} the clinic" in words(page)


def test_rules_are_set_and_the_history_says_by_whom(house: House) -> None:
    assert house.post(PAGE, rules(at_once="3", order="age")).status_code == 303
    policy = policy_for(clinic_id=house.clinic.pk, appointment_type_id=house.kind.pk)
    assert (policy.at_once, policy.order, policy.version) == (3, "age", 1)
    assert Change.objects.of(policy).get().actor_id == house.admin.pk
    assert house.post(PAGE, rules(version="1", active=None)).status_code == 303
    assert not WaitlistPolicy.objects.get().active


@pytest.mark.parametrize(
    ("field", "value"), [("at_once", "0"), ("at_once", "51"), ("minutes_over_a_day", "1"), ("order", "by name")]
)
def test_what_cannot_be_is_said_at_its_field(house: House, field: str, value: str) -> None:
    page = house.post(PAGE, rules(**{field: value}))
    assert page.status_code == 422
    assert not WaitlistPolicy.objects.exists()


def test_the_second_of_two_is_told_what_the_first_set(house: House) -> None:
    house.post(PAGE, rules(at_once="3"))
    page = house.post(PAGE, rules(at_once="5"))
    assert page.status_code == 409
    assert "Admin of Harbour" in words(page)
    assert WaitlistPolicy.objects.get().at_once == 3


def test_a_type_has_rules_of_its_own_or_the_clinics(house: House) -> None:
    part = f"{PAGE}types/{house.kind.pk}/"
    assert house.get(part).status_code == 200
    assert house.post(part, rules(own="on", at_once="7")).status_code == 303
    assert policy_for(clinic_id=house.clinic.pk, appointment_type_id=house.kind.pk).at_once == 7
    assert f"{house.kind.name} the type itself" in words(house.get(PAGE))
    assert house.post(part, rules(version="1", own=None, at_once="7")).status_code == 303
    assert not WaitlistPolicy.objects.exists()


def test_another_clinic_s_types_are_not_there(house: House, strangers: House) -> None:
    assert house.get(f"{PAGE}types/{strangers.kind.pk}/").status_code == 404
    assert house.post(f"{PAGE}types/{strangers.kind.pk}/", rules(own="on")).status_code == 404
    assert not WaitlistPolicy.objects.exists()
