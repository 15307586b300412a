"""Hours that shrink while somebody books into them: whoever comes second sees what the first did."""

import threading
import time
from collections import Counter
from collections.abc import Callable
from functools import partial

import pytest
from django.db import Error, IntegrityError, connection, transaction

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from mediconnect.api.versions import Expected
from mediconnect.operations.verifying import broken
from mediconnect.resilience.transactions import constraint
from providers.models import Opening
from tests.appointments.conftest import SmallClinic
from tests.concurrency.clinics import visits_outside_their_openings
from tests.concurrency.guards import without_triggers
from tests.concurrency.racing import race, refusal_of
from tests.counts import rounds

pytestmark = pytest.mark.race

VISITS, OPENINGS = "appointments_appointment", "providers_opening"
BOTH_GUARDS = ((VISITS, "a_visit_lies_inside_the_openings"), (OPENINGS, "openings_cover_their_visits"))


def closing(place: SmallClinic, hour: int) -> Callable[[], str]:
    """Return the action that closes the day at that hour, by raw SQL and with no lock of its own."""

    def run() -> str:
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(
                    "UPDATE providers_opening SET during = tstzrange(lower(during), %s) WHERE resource_id = %s",
                    [place.at(hour), place.provider.pk],
                )
        except IntegrityError as error:
            return constraint(error)
        return "done"

    return run


def opening_again(place: SmallClinic) -> None:
    """Open the provider's hours as wide as at the beginning."""
    Opening.objects.filter(resource=place.provider).update(during=(place.at(0, days=-3), place.at(0, days=35)))


def booking(place: SmallClinic, hour: int, patient: int = 0) -> Callable[[], str]:
    """Return the desk's booking at that hour."""
    return refusal_of(partial(book_appointment, place.booking(place.at(hour), patient=patient), caller=place.staff))


def test_a_booking_and_a_shrinking_opening_have_one_winner(place: SmallClinic, isolation: str) -> None:
    winners: Counter[str] = Counter()
    for number in range(rounds(quick=12, full=300)):
        hour = 22 - number % 12
        booked, closed = race([booking(place, hour), a_moment_later(closing(place, hour), number % 6)])
        assert (booked, closed) in {
            ("done", "openings_cover_their_visits"),
            ("outside-availability", "done"),
        }
        winners["booking" if booked == "done" else "closing"] += 1
        assert visits_outside_their_openings() == 0
        for visit in Appointment.objects.filter(status="booked"):
            cancel_appointment(
                appointment_id=visit.pk,
                reason="clinic_other",
                expected=Expected(visit.version, by_header=False),
                caller=place.staff,
            )
        opening_again(place)
    assert min(winners["booking"], winners["closing"]) >= rounds(quick=0, full=20), winners


def a_moment_later(action: Callable[[], str], steps: int) -> Callable[[], str]:
    """Return the action with so many steps of five milliseconds before it, so that it meets the other at each of its stages."""

    def run() -> str:
        time.sleep(steps * 0.005)
        return action()

    return run


@pytest.mark.parametrize("first", ["booking", "closing"])
def test_whoever_is_second_waits_and_then_sees_the_first(place: SmallClinic, isolation: str, first: str) -> None:
    # Not by luck: the first has written and not yet committed when the second comes.
    actions = {"booking": booking(place, 9), "closing": closing(place, 9)}
    second = next(name for name in actions if name != first)
    outcome: list[str] = []
    other = threading.Thread(target=lambda: outcome.append(_and_disconnect(actions[second])), daemon=True)
    with transaction.atomic():
        assert actions[first]() == "done"
        other.start()
        other.join(0.3)
        assert other.is_alive()  # it waits
    other.join(20)
    assert outcome == (["openings_cover_their_visits"] if first == "booking" else ["outside-availability"])
    assert visits_outside_their_openings() == 0


def _and_disconnect(action: Callable[[], str]) -> str:
    try:
        return action()
    finally:
        connection.close()


def test_control_without_the_guards_a_visit_is_left_outside(place: SmallClinic) -> None:
    with (
        without_triggers(*BOTH_GUARDS[0]),
        without_triggers(*BOTH_GUARDS[1]),
    ):
        outcome: list[str] = []
        other = threading.Thread(target=lambda: outcome.append(_and_disconnect(booking(place, 9))), daemon=True)
        with transaction.atomic():
            assert closing(place, 9)() == "done"
            other.start()
            other.join(20)
        assert outcome == ["done"]  # it read the hours as they were, and nobody stopped it
        assert visits_outside_their_openings() == 1
        assert "a_visit_lies_inside_the_openings" in {found.name for found in broken()}


def test_an_old_snapshot_may_not_edit_openings(place: SmallClinic) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        with pytest.raises(Error, match="READ COMMITTED"):
            cursor.execute("DELETE FROM providers_opening")
        transaction.set_rollback(True)
