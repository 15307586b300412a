"""Colleagues who override at the same moment: the budget of the day is spent once."""

from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from appointments.models import Appointment
from appointments.services import overbooking
from appointments.services.booking import Override, book_appointment
from providers.models import OverbookingBudget, Role
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import second_provider
from tests.concurrency.racing import race, refusal_of

pytestmark = pytest.mark.race


def overriding(place: SmallClinic, number: int) -> Callable[[], str]:
    """Return a booking against the rules with a provider of its own, so that nothing else makes them wait."""
    provider = second_provider(place, f"Dr. Nadia Ferro {number}")
    booking = place.booking(
        place.at(9), patient=number, provider_id=provider.pk, override=Override(place.desk.pk, "in pain")
    )
    return refusal_of(partial(book_appointment, booking, caller=place.staff))


def test_of_six_who_override_at_once_as_many_do_as_the_budget_has(crowd: SmallClinic) -> None:
    OverbookingBudget.objects.create(clinic=crowd.clinic, role=Role.FRONT_DESK, per_day=2)
    outcomes = Counter(race([overriding(crowd, number) for number in range(6)]))
    assert outcomes == {"done": 2, "overbooking-budget": 4}
    assert Appointment.objects.exclude(override_reason="").count() == 2


def test_control_without_the_queue_the_last_one_is_used_more_than_once(crowd: SmallClinic) -> None:
    OverbookingBudget.objects.create(clinic=crowd.clinic, role=Role.FRONT_DESK, per_day=1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(overbooking, "lock_budgets", lambda _clinic: True)
        outcomes = Counter(race([overriding(crowd, number) for number in range(6)]))
    assert outcomes["done"] > 1
