"""Few rooms, few seats, few visits a day: as many get one as there are, and no more."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Claim, Session
from appointments.services.booking import book_appointment
from providers.models import AppointmentType, Clinic, Provider
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import rooms, second_provider
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_constraint, without_locks
from tests.concurrency.racing import patient_api, race, refusal_of, sending, tally, wish

pytestmark = pytest.mark.race


def ten_providers(place: SmallClinic) -> list[Provider]:
    """Return the usual provider and nine more."""
    return [place.provider, *(second_provider(place, f"Dr. Nadia Ferro {n}") for n in range(9))]


def booking(place: SmallClinic, patient: int, hour: int = 9, **changes: Any) -> Callable[[], str]:
    """Return the desk's booking for that patient."""
    wished = place.booking(place.at(hour), patient=patient, **changes)
    return refusal_of(partial(book_appointment, wished, caller=place.staff))


def test_ten_providers_share_three_rooms(crowd: SmallClinic, isolation: str) -> None:
    providers, three = ten_providers(crowd), rooms(crowd, 3)
    actions = [
        sending(patient_api(crowd.users[n]), "appointments/", wish(crowd, crowd.at(9), provider=str(provider.pk)))
        for n, provider in enumerate(providers)
    ]
    assert tally(race(actions)) == {"201": 3, "409 slot-taken": 7}
    assert set(Appointment.objects.values_list("room", flat=True)) == {room.pk for room in three}


def test_control_unguarded_all_ten_take_the_first_room(crowd: SmallClinic) -> None:
    providers, _ = ten_providers(crowd), rooms(crowd, 3)
    with (
        without_constraint("appointments_claim", "a_resource_is_claimed_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(10),
    ):
        actions = [booking(crowd, n, provider_id=provider.pk) for n, provider in enumerate(providers)]
        assert Counter(race(actions)) == {"done": 10}
        assert Appointment.objects.values("room").distinct().count() == 1


def test_ten_seats_for_fifty_people(crowd: SmallClinic, isolation: str) -> None:
    AppointmentType.objects.filter(pk=crowd.kind.pk).update(capacity=10)
    actions = [sending(patient_api(user), "appointments/", wish(crowd, crowd.at(9))) for user in crowd.users]
    assert tally(race(actions)) == {"201": 10, "409 slot-taken": 40}
    assert list(Appointment.objects.order_by("seat").values_list("seat", flat=True)) == list(range(1, 11))
    assert Session.objects.count() == Claim.objects.count() == 1


def test_control_unguarded_everybody_sits_on_the_same_seat(crowd: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=crowd.kind.pk).update(capacity=10)
    assert booking(crowd, 49)() == "done"  # the group meets already
    with (
        without_constraint("appointments_appointment", "a_seat_is_taken_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(12),
    ):
        assert Counter(race([booking(crowd, n) for n in range(12)])) == {"done": 12}
        assert Counter(Appointment.objects.values_list("seat", flat=True)) == {1: 1, 2: 12}


def test_three_visits_a_day_are_three_however_many_ask(crowd: SmallClinic, settings: Any) -> None:
    # Counted under the lock, with no constraint behind it: why READ COMMITTED is the default (decisions/0010).
    settings.BOOKING_ISOLATION = "read-committed"
    AppointmentType.objects.filter(pk=crowd.kind.pk).update(daily_limit=3)
    outcomes = Counter(race([booking(crowd, n, hour=n) for n in range(20)]))
    assert outcomes == {"done": 3, "daily-limit": 17}


def test_control_without_the_queue_the_day_overflows(crowd: SmallClinic) -> None:
    AppointmentType.objects.filter(pk=crowd.kind.pk).update(daily_limit=3)
    with without_locks(), everybody_looks_before_anybody_writes(10):
        assert Counter(race([booking(crowd, n, hour=n) for n in range(10)])) == {"done": 10}


def test_control_an_old_snapshot_counts_the_day_wrong(crowd: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "repeatable-read"
    AppointmentType.objects.filter(pk=crowd.kind.pk).update(daily_limit=3)
    outcomes = Counter(race([booking(crowd, n, hour=n) for n in range(20)]))
    assert outcomes["done"] > 3


def test_open_bookings_of_one_patient_are_limited_however_fast(place: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "read-committed"
    Clinic.objects.filter(pk=place.clinic.pk).update(open_bookings_limit=2)
    api = patient_api(place.users[0])
    actions = [sending(api, "appointments/", wish(place, place.at(hour))) for hour in range(8, 14)]
    assert tally(race(actions)) == {"201": 2, "422 booking-limit": 4}
