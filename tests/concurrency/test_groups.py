"""A group that somebody types for and that the waitlist holds seats of: never more than there are, however many ask."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment, FreedTime, Hold, Session
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.holding import place_hold
from mediconnect.api.versions import Expected
from providers.models import AppointmentType
from tests.appointments.conftest import SmallClinic
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_constraint, without_locks
from tests.concurrency.racing import RETRIES, race, refusal_of

pytestmark = pytest.mark.race

SEATS = 10


def meeting(place: SmallClinic) -> Session:
    """Let the group meet with one person, two seats held by somebody who types and one offered from the waitlist."""
    AppointmentType.objects.filter(pk=place.kind.pk).update(capacity=SEATS)
    first, _ = book_appointment(place.booking(place.at(9), 49), caller=place.staff)
    session = Session.objects.get(appointments=first)
    words: dict[str, Any] = {
        "appointment_type_id": place.kind.pk,
        "provider_id": place.provider.pk,
        "start": place.at(9),
    }
    for _ in range(2):
        place_hold(caller=place.staff, **words)
    freed = FreedTime.objects.create(
        clinic=place.clinic,
        provider=place.provider,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        cause=FreedTime.Cause.CANCELLED,
        session=session,
        offer_from=timezone.now(),
    )
    Hold.objects.create(
        clinic=place.clinic,
        provider=place.provider,
        appointment_type=place.kind,
        session=session,
        freed_time=freed,
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        expires_at=timezone.now() + dt.timedelta(minutes=10),
    )
    return session


def booking(place: SmallClinic, patient: int) -> Callable[[], str]:
    """Return the desk's booking for that patient, asked again while the house is too busy to answer."""
    once = refusal_of(partial(book_appointment, place.booking(place.at(9), patient), caller=place.staff))

    def patiently() -> str:
        return next(outcome for outcome in (once() for _ in range(RETRIES)) if outcome != "try-again")

    return patiently


def test_twelve_people_for_the_seats_that_nobody_holds(crowd: SmallClinic, isolation: str) -> None:
    session = meeting(crowd)
    actions = [booking(crowd, n) for n in range(12)]
    assert Counter(race(actions)) == {"done": SEATS - 4, "slot-taken": 12 - (SEATS - 4)}
    assert Appointment.objects.filter(session=session).count() == SEATS - 3
    seats = [seat or 0 for seat in Appointment.objects.values_list("seat", flat=True)]
    assert len(set(seats)) == SEATS - 3
    assert max(seats) <= SEATS


def test_whoever_leaves_makes_room_for_one(crowd: SmallClinic) -> None:
    session = meeting(crowd)
    Hold.objects.all().delete()
    visits = [book_appointment(crowd.booking(crowd.at(9), n), caller=crowd.staff)[0] for n in range(SEATS - 1)]

    def leave() -> str:
        cancel_appointment(
            appointment_id=visits[0].pk,
            reason="patient_request",
            expected=Expected(1, by_header=False),
            caller=crowd.staff,
        )
        return "left"

    joining = [booking(crowd, n) for n in range(20, 31)]
    race([leave, *joining])
    live = Appointment.objects.filter(session=session, status="booked")
    assert live.count() in {SEATS - 1, SEATS}
    assert live.values("seat").distinct().count() == live.count()


def test_control_unguarded_the_held_seats_are_sold(crowd: SmallClinic) -> None:
    meeting(crowd)
    with (
        without_constraint("appointments_appointment", "a_seat_is_taken_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(12),
    ):
        actions = [booking(crowd, n) for n in range(12)]
        assert Counter(race(actions)) == {"done": 12}
        Hold.objects.all().delete()
        FreedTime.objects.all().delete()
