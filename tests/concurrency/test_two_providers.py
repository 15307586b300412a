"""Bookings that share nothing but the second provider: one of them wins, and the losers take nothing at all."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Claim
from appointments.services.booking import book_appointment
from providers.models import AppointmentType, Device, Provider
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import rooms, second_provider
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_constraint, without_locks
from tests.concurrency.racing import race, refusal_of
from tests.counts import rounds

pytestmark = pytest.mark.race

MANY = 8


def many_providers(place: SmallClinic) -> list[Provider]:
    return [place.provider, *(second_provider(place, f"Dr. Nadia Ferro {n}") for n in range(MANY - 1))]


def booking(place: SmallClinic, patient: int, **changes: Any) -> Callable[[], str]:
    wished = place.booking(place.at(9), patient=patient, **changes)
    return refusal_of(partial(book_appointment, wished, caller=place.staff))


def test_eight_providers_want_the_same_second_one(crowd: SmallClinic, isolation: str) -> None:
    second, firsts = second_provider(crowd, "Dr. Amir Haddad"), many_providers(crowd)
    actions = [booking(crowd, n, provider_id=first.pk, second_provider_id=second.pk) for n, first in enumerate(firsts)]
    assert Counter(race(actions)) == {"done": 1, "slot-taken": MANY - 1}
    visit = Appointment.objects.get()
    assert set(Claim.objects.values_list("resource", flat=True)) == {visit.provider_id, second.pk}


def test_control_unguarded_all_of_them_have_the_second_one(crowd: SmallClinic) -> None:
    second, firsts = second_provider(crowd, "Dr. Amir Haddad"), many_providers(crowd)
    with (
        without_constraint("appointments_claim", "a_resource_is_claimed_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(MANY),
    ):
        actions = [
            booking(crowd, n, provider_id=first.pk, second_provider_id=second.pk) for n, first in enumerate(firsts)
        ]
        assert Counter(race(actions)) == {"done": MANY}
        assert Claim.objects.filter(resource=second).count() == MANY


def test_pairs_in_either_order_end_without_a_deadlock(crowd: SmallClinic, isolation: str) -> None:
    other = second_provider(crowd)
    for turn in range(rounds(quick=3, full=30)):
        pairs = [(crowd.provider.pk, other.pk), (other.pk, crowd.provider.pk)] * 4
        actions = [
            refusal_of(
                partial(
                    book_appointment,
                    crowd.booking(
                        crowd.at(9 + turn % 8, days=2 + turn // 8), n, provider_id=one, second_provider_id=two
                    ),
                    caller=crowd.staff,
                )
            )
            for n, (one, two) in enumerate(pairs)
        ]
        assert Counter(race(actions)) == {"done": 1, "slot-taken": len(pairs) - 1}


def test_two_providers_a_room_and_a_device_or_nothing(crowd: SmallClinic, isolation: str) -> None:
    firsts, seconds = many_providers(crowd)[:4], [second_provider(crowd, f"Dr. Ana Silva {n}") for n in range(4)]
    rooms(crowd, 3)
    for number in range(2):
        Device.objects.create(name=f"Ultrasound {number}", clinic=crowd.clinic, category="ultrasound")
    AppointmentType.objects.filter(pk=crowd.kind.pk).update(device_kind="ultrasound")
    actions = [
        booking(crowd, n, provider_id=first.pk, second_provider_id=second.pk)
        for n, (first, second) in enumerate(zip(firsts, seconds, strict=True))
    ]
    # Three rooms, two devices: two win all four of what they need, and the others leave nothing claimed.
    assert Counter(race(actions)) == {"done": 2, "slot-taken": 2}
    assert Claim.objects.count() == 8
