"""Fifty people want one time: one gets it, the others hear what is free, and nobody waits in vain."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Claim
from appointments.services.booking import book_appointment
from mediconnect.outbox.models import Fact
from tests.appointments.conftest import SmallClinic
from tests.concurrency.guards import (
    counted_errors,
    everybody_looks_before_anybody_writes,
    without_constraint,
    without_locks,
)
from tests.concurrency.racing import patient_api, race, refusal_of, sending, tally, wish
from tests.counts import rounds

pytestmark = pytest.mark.race


def wanting(
    place: SmallClinic, hour: int, minute: int = 0, *, days: int = 2, clients: int = 50
) -> list[Callable[[], str]]:
    """Return so many bookings of one time, each for another patient, by the front desk."""
    bookings = [place.booking(place.at(hour, minute, days=days), patient=number) for number in range(clients)]
    return [refusal_of(partial(book_appointment, booking, caller=place.staff)) for booking in bookings]


def test_fifty_clients_want_one_time(crowd: SmallClinic, isolation: str) -> None:
    apis = [patient_api(user) for user in crowd.users]
    days = rounds(quick=1, full=30)
    for day in range(days):
        start = crowd.at(9, days=day + 2).isoformat()
        answers = race([sending(api, "appointments/", wish(crowd, crowd.at(9, days=day + 2))) for api in apis])
        assert tally(answers) == {"201": 1, "409 slot-taken": 49}
        for loser in (answer for answer in answers if answer.status_code == 409):
            free = [found["start"] for found in loser.json()["alternatives"]]
            assert len(free) == 3
            assert start not in free
    assert Appointment.objects.count() == days
    assert Fact.objects.filter(name__endswith="AppointmentBooked").count() == days


def test_control_without_lock_and_constraint_a_time_is_sold_again_and_again(crowd: SmallClinic, isolation: str) -> None:
    with (
        without_constraint("appointments_claim", "a_resource_is_claimed_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(8),
    ):
        assert Counter(race(wanting(crowd, 9, clients=8))) == {"done": 8}
        assert Claim.objects.count() == 8


def test_with_both_the_stretched_moment_changes_nothing(crowd: SmallClinic, isolation: str) -> None:
    with everybody_looks_before_anybody_writes(8):
        assert Counter(race(wanting(crowd, 9, clients=8))) == {"done": 1, "slot-taken": 7}


def test_control_an_old_snapshot_sells_a_time_twice_though_everybody_queued(crowd: SmallClinic, settings: Any) -> None:
    # The trap that makes READ COMMITTED the default: a snapshot taken before the wait does not show who won.
    settings.BOOKING_ISOLATION = "repeatable-read"
    with without_constraint("appointments_claim", "a_resource_is_claimed_once"):
        outcomes = Counter(race(wanting(crowd, 9, clients=20)))
        assert outcomes["done"] > 1
        assert Claim.objects.count() == outcomes["done"]


def test_the_queue_alone_suffices_where_each_statement_sees_the_winner(crowd: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "read-committed"
    with without_constraint("appointments_claim", "a_resource_is_claimed_once"):
        assert Counter(race(wanting(crowd, 9, clients=20))) == {"done": 1, "slot-taken": 19}


def test_control_the_constraint_alone_is_right_and_finds_out_late(crowd: SmallClinic, isolation: str) -> None:
    days = rounds(quick=1, full=30)
    with without_locks(), everybody_looks_before_anybody_writes(8), counted_errors() as errors:
        for day in range(days):
            outcomes = Counter(race(wanting(crowd, 9, days=day + 2, clients=8)))
            assert outcomes["done"] == 1
            assert set(outcomes) <= {"done", "slot-taken", "try-again"}
    assert Claim.objects.count() == days
    # Lost by the constraint, or, where several wait for each other in a ring, by a deadlock or the end of patience.
    assert errors["23P01"] + errors["40P01"] + errors["55P03"] >= days


def test_behind_the_queue_the_constraint_is_never_asked_and_nobody_deadlocks(crowd: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "read-committed"
    with counted_errors() as errors:
        assert Counter(race(wanting(crowd, 9))) == {"done": 1, "slot-taken": 49}
    assert errors == {}


def test_fifty_different_times_of_one_provider_are_all_booked(crowd: SmallClinic, isolation: str) -> None:
    # A lock that updated the provider's row would turn half of these away (reliability.md, T19).
    apis = [patient_api(user) for user in crowd.users]
    starts = [crowd.at(number % 24, days=2 + number // 24) for number in range(50)]
    actions = [sending(api, "appointments/", wish(crowd, start)) for api, start in zip(apis, starts, strict=True)]
    assert tally(race(actions)) == {"201": 50}
