"""Limits of what patients do alone: however fast they are, they get as many as there are."""

import threading
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from appointments.models import Appointment, Status
from appointments.queries.policy import cancelled_alone
from appointments.services import cancelling
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from mediconnect.api.versions import Expected
from providers.models import AppointmentType, Clinic
from tests.appointments.conftest import SmallClinic
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_locks
from tests.concurrency.racing import patient_api, race, refusal_of, sending, tally, wish

pytestmark = pytest.mark.race

FIRST = Expected(1, by_header=False)


def booked(place: SmallClinic, hour: int) -> Appointment:
    """Let the desk book for the first patient, and return the visit."""
    return book_appointment(place.booking(place.at(hour)), caller=place.staff)[0]


def cancels(place: SmallClinic, visits: list[Appointment]) -> list[Callable[[], str]]:
    """Return the first patient's cancellations of these visits."""
    words: dict[str, Any] = {"reason": "patient_request", "expected": FIRST, "caller": place.patient_caller()}
    return [refusal_of(partial(cancel_appointment, appointment_id=visit.pk, **words)) for visit in visits]


@pytest.mark.parametrize(
    ("limited", "column"), [(AppointmentType, "open_bookings_limit"), (Clinic, "open_bookings_total")]
)
def test_of_two_bookings_at_one_before_the_limit_one_is_made(
    place: SmallClinic, settings: Any, limited: Any, column: str
) -> None:
    settings.BOOKING_ISOLATION = "read-committed"
    booked(place, 8)
    limited.objects.update(**{column: 2})
    api = patient_api(place.users[0])
    answers = race([sending(api, "appointments/", wish(place, place.at(hour))) for hour in (10, 12)])
    assert tally(answers) == {"201": 1, "422 booking-limit": 1}


def test_control_without_the_queue_both_are_made(place: SmallClinic) -> None:
    booked(place, 8)
    AppointmentType.objects.update(open_bookings_limit=2)
    wishes = [place.booking(place.at(hour)) for hour in (10, 12)]
    with without_locks(), everybody_looks_before_anybody_writes(2):
        actions = [refusal_of(partial(book_appointment, one, caller=place.patient_caller())) for one in wishes]
        assert Counter(race(actions)) == {"done": 2}


def test_of_two_cancellations_at_one_before_the_limit_one_is_made(place: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "read-committed"
    visits = [booked(place, hour) for hour in (8, 10, 12)]
    Clinic.objects.update(cancels_per_day=2)
    assert cancels(place, visits[:1])[0]() == "done"
    assert Counter(race(cancels(place, visits[1:]))) == {"done": 1, "cancel-limit": 1}
    assert Appointment.objects.filter(status=Status.CANCELLED).count() == 2


def test_control_without_the_patient_s_queue_both_are_cancelled(
    place: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    visits = [booked(place, hour) for hour in (8, 10)]
    Clinic.objects.update(cancels_per_day=1)
    monkeypatch.setattr(cancelling, "lock_patient_of", lambda _seen, **_words: None)
    everybody_counts_before_anybody_cancels(monkeypatch)
    assert Counter(race(cancels(place, visits))) == {"done": 2}


def everybody_counts_before_anybody_cancels(patch: pytest.MonkeyPatch) -> None:
    """Stretch the moment between counting and cancelling until both have counted."""
    together, count = threading.Barrier(2), cancelled_alone

    def stretched(*arguments: Any) -> int:
        counted = count(*arguments)
        together.wait(5)
        return counted

    patch.setattr(cancelling, "cancelled_alone", stretched)
