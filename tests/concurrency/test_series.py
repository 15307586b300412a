"""Two series want the same times: one is booked whole, the other hears what is free; and a series meets single bookings."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest

from appointments.errors import SeriesConflicts
from appointments.models import Appointment, Claim, Series
from appointments.rules.series import Scope
from appointments.services.booking import book_appointment
from appointments.services.series.booking import SeriesBooking, book_series
from appointments.services.series.cancelling import cancel_series
from appointments.services.series.moving import move_series
from appointments.services.series.targets import SeriesMove
from tests.appointments.conftest import SmallClinic
from tests.concurrency.guards import everybody_looks_before_anybody_writes, without_constraint, without_locks
from tests.concurrency.racing import race, refusal_of

pytestmark = pytest.mark.race


def daily(place: SmallClinic, patient: int, count: int = 6) -> SeriesBooking:
    return SeriesBooking(
        place.kind.pk,
        place.provider.pk,
        place.patients[patient].pk,
        f"FREQ=DAILY;COUNT={count}",
        place.at(9).date(),
        dt.time(9),
    )


def booking(place: SmallClinic, patient: int) -> Callable[[], str]:
    """Return the booking of a series, which says how many of its visits were in the way where it was refused."""

    def run() -> str:
        try:
            book_series(daily(place, patient), caller=place.staff)
        except SeriesConflicts as refusal:
            return f"{len(refusal.plan.conflicts)} of {len(refusal.plan.visits)} taken"
        return "done"

    return run


def test_of_eight_series_at_the_same_times_one_is_booked_whole(crowd: SmallClinic, isolation: str) -> None:
    outcomes = Counter(race([booking(crowd, patient) for patient in range(8)]))
    assert outcomes == {"done": 1, "6 of 6 taken": 7}
    assert Series.objects.count() == 1
    assert Appointment.objects.count() == 6


def test_control_without_lock_and_constraint_more_than_one_is(crowd: SmallClinic, isolation: str) -> None:
    with (
        without_constraint("appointments_claim", "a_resource_is_claimed_once"),
        without_locks(),
        everybody_looks_before_anybody_writes(8),
    ):
        assert Counter(race([booking(crowd, patient) for patient in range(8)])) == {"done": 8}
        assert Claim.objects.count() == 48


def test_with_both_the_stretched_moment_changes_nothing(crowd: SmallClinic, isolation: str) -> None:
    with everybody_looks_before_anybody_writes(8):
        assert Counter(race([booking(crowd, patient) for patient in range(8)])) == {"done": 1, "6 of 6 taken": 7}


def test_a_series_is_whole_or_nothing_among_single_bookings(crowd: SmallClinic, isolation: str) -> None:
    singles = [
        refusal_of(partial(book_appointment, crowd.booking(crowd.at(9, days=2 + day), 10 + day), caller=crowd.staff))
        for day in range(6)
    ]
    outcomes = race([booking(crowd, 0), *singles])
    booked = Appointment.objects.filter(series__isnull=False).count()
    assert booked == (6 if outcomes[0] == "done" else 0)
    assert Appointment.objects.count() == 6


def test_moving_what_follows_against_cancelling_all(crowd: SmallClinic, isolation: str) -> None:
    series, visits, _terms = book_series(daily(crowd, 0), caller=crowd.staff)
    seen = {visit.pk: visit.version for visit in visits}
    moving = refusal_of(
        lambda: move_series(
            series_id=series.pk,
            wanted=SeriesMove(Scope.FOLLOWING, 3, days=1),
            versions=seen,
            caller=crowd.staff,
        )
    )
    cancelling = refusal_of(
        lambda: cancel_series(
            series_id=series.pk, scope=Scope.ALL, seen_from=1, reason="clinic_other", versions=seen, caller=crowd.staff
        )
    )
    outcomes = Counter(race([moving, cancelling]))
    assert outcomes["done"] == 1, outcomes
    assert set(outcomes) <= {"done", "version-conflict", "series-over"}
