"""People who come at once without an appointment: each gets a time, nobody the same, and nobody is sent away."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Claim, Status
from appointments.services.walk_in import add_walk_in
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import at_noon, rooms, second_provider
from tests.concurrency.guards import counted_errors, everybody_looks_before_anybody_writes, without_locks
from tests.concurrency.racing import race, refusal_of

pytestmark = pytest.mark.race


def arriving(place: SmallClinic, patient: int, **changes: Any) -> Callable[[], str]:
    """Return the desk's adding of this patient."""
    words: dict[str, Any] = {
        "patient_id": place.patients[patient].pk,
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "caller": place.staff,
    }
    return refusal_of(partial(add_walk_in, **(words | changes)))


# Four: under REPEATABLE READ each winner restarts the others, and a transaction is tried five times.
def test_each_finds_a_time_of_its_own(crowd: SmallClinic, isolation: str) -> None:
    at_noon(crowd)
    with counted_errors() as errors:
        assert Counter(race([arriving(crowd, number) for number in range(4)])) == {"done": 4}
    assert errors["40P01"] == 0
    visits = Appointment.objects.filter(status=Status.ARRIVED, override_reason="")
    assert len(set(visits.values_list("starts_at", flat=True))) == 4
    assert Claim.objects.count() == 4


def test_with_anybody_they_share_the_providers_and_the_rooms(crowd: SmallClinic, isolation: str) -> None:
    at_noon(crowd)
    second_provider(crowd)
    rooms(crowd, 2)
    outcomes = race(
        [arriving(crowd, number, provider_id=None if number % 2 else crowd.provider.pk) for number in range(4)]
    )
    assert Counter(outcomes) == {"done": 4}
    visits = Appointment.objects.filter(status=Status.ARRIVED, override_reason="")
    assert len(set(visits.values_list("provider", "starts_at"))) == 4
    assert len(set(visits.values_list("room", "starts_at"))) == 4


def test_control_without_the_queue_all_find_the_same_time_and_all_but_one_are_sent_away(crowd: SmallClinic) -> None:
    at_noon(crowd)
    with without_locks(), everybody_looks_before_anybody_writes(4):
        outcomes = Counter(race([arriving(crowd, number) for number in range(4)]))
    assert outcomes["done"] < 4
    assert outcomes["slot-taken"] >= 1
