"""The line of those who have come: who is before whom, and about how long it takes."""

import datetime as dt
import uuid

import pytest
from django.utils import timezone

from appointments.models import Appointment
from appointments.queries.line import place_of
from appointments.rules.line import Waiting, ahead_of, estimate
from appointments.services.booking import book_appointment
from tests.appointments.conftest import SmallClinic

NOON = dt.datetime(2027, 3, 1, 12, tzinfo=dt.UTC)
QUARTER = dt.timedelta(minutes=15)


def waiting(minute: int, *, urgent: bool = False, called: bool = False) -> Waiting:
    return Waiting(
        id=uuid.uuid4(),
        urgent=urgent,
        called=called,
        arrived_at=NOON + dt.timedelta(minutes=minute),
        length=QUARTER,
    )


def test_whoever_is_called_comes_first_then_the_urgent_then_the_first_to_come() -> None:
    called, urgent, early, late = (
        waiting(9, called=True),
        waiting(8, urgent=True),
        waiting(1),
        waiting(5),
    )
    everybody = [late, early, urgent, called]
    assert ahead_of(late, everybody) == [called, urgent, early]
    assert ahead_of(called, everybody) == []


@pytest.mark.parametrize(
    ("ahead", "left", "own", "told"),
    [(0, 0, 0, (0, 0, 0)), (1, 9, -5, (24, 15, 40)), (0, -20, -60, (0, 0, 0)), (0, 5, 40, (40, 30, 60))],
)
def test_a_wait_is_what_is_left_and_the_lengths_ahead(
    ahead: int, left: int, own: int, told: tuple[int, int, int]
) -> None:
    found = estimate(
        ahead=[waiting(0)] * ahead,
        remaining=dt.timedelta(minutes=left),
        until_own_start=dt.timedelta(minutes=own),
    )
    assert (found.minutes, found.low, found.high) == told


def _here(place: SmallClinic, number: int, minutes_ago: int, **columns: object) -> Appointment:
    """Let a patient have come so many minutes ago, to a visit later today; rows alone, no step of the day."""
    visit, _ = book_appointment(place.booking(place.at(9 + number, days=3), number), caller=place.staff)
    now = timezone.now()
    words = {"status": "arrived", "arrived_at": now - dt.timedelta(minutes=minutes_ago)} | columns
    Appointment.objects.filter(pk=visit.pk).update(**words)
    return visit


@pytest.mark.django_db
def test_the_line_is_one_providers_and_names_nobody(place: SmallClinic) -> None:
    first, second = _here(place, 0, 30), _here(place, 1, 20)
    later = _here(place, 2, 25, priority="urgent")
    now = place.at(9, days=3)
    ages = {first: 30, second: 20, later: 25}
    for visit, minutes in ages.items():
        Appointment.objects.filter(pk=visit.pk).update(arrived_at=now - dt.timedelta(minutes=minutes))
    places = {visit.pk: place_of(visit.pk, now=now) for visit in ages}
    assert [(found.position, found.ahead) if found else None for found in places.values()] == [(2, 1), (3, 2), (1, 0)]


@pytest.mark.django_db
def test_nobody_has_a_place_who_is_not_there_or_is_called(place: SmallClinic) -> None:
    visit, _ = book_appointment(place.booking(place.at(9, days=3)), caller=place.staff)
    assert place_of(visit.pk) is None
    assert place_of(uuid.uuid4()) is None
    here = _here(place, 1, 5)
    Appointment.objects.filter(pk=here.pk).update(status="roomed")
    assert place_of(here.pk) is None
