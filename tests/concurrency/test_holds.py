"""Times that are held, or were: a hold and a booking compete like two bookings, and a lapsed hold blocks nobody."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.utils import timezone

from appointments.models import Appointment, Claim, Hold
from appointments.services.booking import book_appointment
from appointments.services.holding import place_hold
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import second_provider
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_constraint, without_locks
from tests.concurrency.racing import race, refusal_of

pytestmark = pytest.mark.race


def holding(place: SmallClinic, start: dt.datetime, patient: int) -> Callable[[], str]:
    """Return the action of a patient who holds the time."""
    return refusal_of(
        partial(
            place_hold,
            appointment_type_id=place.kind.pk,
            provider_id=place.provider.pk,
            start=start,
            caller=place.patient_caller(patient),
            patient_id=place.patients[patient].pk,
        )
    )


def booking(place: SmallClinic, start: dt.datetime, patient: int) -> Callable[[], str]:
    """Return the action of a patient who books the time."""
    wish = place.booking(start, patient=patient, source="patient")
    return refusal_of(partial(book_appointment, wish, caller=place.patient_caller(patient)))


def lapse_all() -> None:
    """Let every hold have run out a second ago, with nobody there to sweep."""
    ago = timezone.now() - dt.timedelta(seconds=1)
    Hold.objects.update(expires_at=ago)
    Claim.objects.exclude(hold=None).update(expires_at=ago)


def test_a_hold_against_a_booking_has_one_winner(crowd: SmallClinic, isolation: str) -> None:
    actions = [(holding if n % 2 else booking)(crowd, crowd.at(9), n) for n in range(20)]
    assert Counter(race(actions)) == {"done": 1, "slot-taken": 19}
    assert Hold.objects.count() + Appointment.objects.count() == 1
    assert Claim.objects.count() == 1


def test_of_many_holds_on_one_time_one_stands(crowd: SmallClinic, isolation: str) -> None:
    assert Counter(race([holding(crowd, crowd.at(9), n) for n in range(20)])) == {"done": 1, "slot-taken": 19}
    assert Hold.objects.count() == Claim.objects.count() == 1


def test_control_unguarded_a_time_is_held_and_booked(crowd: SmallClinic) -> None:
    with (
        without_constraint("appointments_claim", "a_resource_is_claimed_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(6),
    ):
        actions = [(holding if n % 2 else booking)(crowd, crowd.at(9), n) for n in range(6)]
        assert Counter(race(actions)) == {"done": 6}
        assert (Hold.objects.count(), Appointment.objects.count()) == (3, 3)


def test_of_many_who_want_a_lapsed_hold_s_time_one_gets_it(crowd: SmallClinic, isolation: str) -> None:
    assert holding(crowd, crowd.at(9), 49)() == "done"
    assert booking(crowd, crowd.at(9), 0)() == "slot-taken"  # while it is live, it blocks
    lapse_all()
    actions = [(holding if n % 3 == 0 else booking)(crowd, crowd.at(9), n) for n in range(20)]
    assert Counter(race(actions)) == {"done": 1, "slot-taken": 19}
    assert Claim.objects.count() == 1


def test_a_lapsed_hold_and_its_neighbours_are_dropped_by_one_of_many(crowd: SmallClinic, isolation: str) -> None:
    # Two lapsed holds of half an hour lie under one visit of an hour: whoever books must drop both.
    for minute, patient in ((0, 48), (30, 49)):
        assert holding(crowd, crowd.at(9, minute), patient)() == "done"
    lapse_all()
    crowd.kind.duration = 60
    crowd.kind.save()
    assert Counter(race([booking(crowd, crowd.at(9), n) for n in range(10)])) == {"done": 1, "slot-taken": 9}
    assert Hold.objects.count() == 0


def test_a_patient_holds_two_times_and_no_more_however_fast(place: SmallClinic) -> None:
    starts = [place.at(hour) for hour in range(8, 14)]
    outcomes = Counter(race([holding(place, start, 0) for start in starts]))
    assert outcomes == {"done": 2, "hold-limit": 4}
    assert Hold.objects.count() == 2


def test_a_patient_s_two_holds_are_counted_across_providers(place: SmallClinic) -> None:
    providers = [second_provider(place, f"Dr. Nadia Ferro {n}") for n in range(5)]
    actions = [
        refusal_of(
            partial(
                place_hold,
                appointment_type_id=place.kind.pk,
                provider_id=provider.pk,
                start=place.at(9 + number),
                caller=place.patient_caller(0),
                patient_id=place.patients[0].pk,
            )
        )
        for number, provider in enumerate(providers)
    ]
    assert Counter(race(actions)) == {"done": 2, "hold-limit": 3}
