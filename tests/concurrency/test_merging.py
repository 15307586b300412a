"""Two records made one while somebody books for either, merges them the other way round, or writes about them."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from appointments.models import Appointment
from appointments.services import booking
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected
from notifications.models import Reply
from patients.models import Merge, Patient
from patients.rules.merging import MergeChoices
from patients.services.merging import merging
from patients.services.merging.merging import merge_patients
from patients.services.merging.undoing import undo_merge
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race, refusal_of
from tests.counts import rounds

pytestmark = pytest.mark.race

FIRST = Expected(1, by_header=False)


def merges(place: SmallClinic, kept: int = 0, gone: int = 1) -> Callable[[], str]:
    """Return the desk's merge of two patients, at the version that the record that stays has now."""
    words: dict[str, Any] = {
        "kept_id": place.patients[kept].pk,
        "gone_id": place.patients[gone].pk,
        "version": Patient.objects.get(pk=place.patients[kept].pk).version,
        "choices": MergeChoices(sides={}),
        "by_id": place.desk.pk,
        "within": {place.clinic.pk},
        "today": timezone.now().date(),
    }
    return refusal_of(partial(merge_patients, **words))


def books(place: SmallClinic, patient: int, hour: int = 9) -> Callable[[], str]:
    """Return the desk's booking for that patient."""
    return refusal_of(partial(book_appointment, place.booking(place.at(hour), patient=patient), caller=place.staff))


def of(place: SmallClinic, patient: int) -> int:
    """Return how many visits the record has."""
    return Appointment.objects.filter(patient=place.patients[patient].pk).count()


@contextmanager
def slow(module: Any, name: str, patch: pytest.MonkeyPatch, seconds: float = 0.3) -> Iterator[threading.Event]:
    """Stretch what happens after a step, so that others come in between; the event says that the step is done."""
    reached, step = threading.Event(), getattr(module, name)

    def stretched(*arguments: Any, **words: Any) -> Any:
        result = step(*arguments, **words)
        reached.set()
        time.sleep(seconds)
        return result

    patch.setattr(module, name, stretched)
    yield reached


def test_a_booking_under_way_lands_with_the_record_that_stays_or_is_refused(place: SmallClinic, isolation: str) -> None:
    for number in range(rounds(quick=3, full=30)):
        hour = 8 + number % 8
        for visit in Appointment.objects.exclude(status="cancelled"):
            cancel_appointment(
                appointment_id=visit.pk,
                reason="clinic_error",
                expected=Expected(visit.version, by_header=False),
                caller=place.staff,
            )
        merged, booked = race([merges(place), books(place, 1, hour)])
        assert merged == "done"
        assert booked in {"done", "merged"}
        assert of(place, 1) == 0
        undone(place)


def undone(place: SmallClinic) -> None:
    """Let the two stand apart again."""
    merge = Merge.objects.get(undone_at=None)
    undo_merge(merge_id=merge.pk, by_id=place.desk.pk, within={place.clinic.pk})


def test_a_booking_that_has_looked_is_waited_for_and_follows(
    place: SmallClinic, isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow(booking, "situation_of", monkeypatch) as looked:

        def once_it_looked() -> str:
            assert looked.wait(10)
            return merges(place)()

        assert race([books(place, 1), once_it_looked]) == ["done", "done"]
    assert (of(place, 0), of(place, 1)) == (1, 0)


def test_a_booking_that_comes_second_is_led_on(
    place: SmallClinic, isolation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow(merging, "lock_both", monkeypatch) as locked:

        def once_it_is_locked() -> str:
            assert locked.wait(10)
            return books(place, 1)()

        assert race([merges(place), once_it_is_locked]) == ["done", "merged"]
    assert Appointment.objects.count() == 0


def test_control_without_the_patient_s_lock_a_visit_is_left_behind(
    place: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The promise that `verify` would miss: a booking that nobody waited for stays with the record that is gone."""
    monkeypatch.setattr(booking, "lock_patient", lambda _patient: None)
    monkeypatch.setattr(merging, "wait_for_writers", lambda _patient: None)
    with slow(booking, "situation_of", monkeypatch, 1.0) as looked:

        def once_it_looked() -> str:
            assert looked.wait(10)
            return merges(place)()

        assert race([books(place, 1), once_it_looked]) == ["done", "done"]
    assert of(place, 1) == 1
    Appointment.objects.update(patient=place.patients[0].pk)


def test_a_move_under_way_moves_the_visit_of_whoever_has_it_then(place: SmallClinic, isolation: str) -> None:
    visit = book_appointment(place.booking(place.at(9), patient=1), caller=place.staff)[0]
    move = refusal_of(
        partial(reschedule_appointment, appointment_id=visit.pk, start=place.at(11), expected=FIRST, caller=place.staff)
    )
    merged, moved = race([merges(place), move])
    assert merged == "done"
    assert moved in {"done", "version-conflict"}
    assert of(place, 0) == 1


def test_a_cancellation_under_way_frees_the_time_of_whoever_has_it_then(place: SmallClinic, isolation: str) -> None:
    visit = book_appointment(place.booking(place.at(9), patient=1), caller=place.staff)[0]
    words: dict[str, Any] = {"reason": "patient_request", "expected": FIRST, "caller": place.patient_caller(1)}
    merged, cancelled = race([merges(place), refusal_of(partial(cancel_appointment, appointment_id=visit.pk, **words))])
    assert merged == "done"
    assert cancelled in {"done", "version-conflict"}
    assert of(place, 0) == 1


def test_of_two_merges_of_one_pair_one_is_made(place: SmallClinic, isolation: str) -> None:
    assert Counter(race([merges(place), merges(place)])) in (
        Counter({"done": 1, "invalid": 1}),
        Counter({"done": 1, "version-conflict": 1}),
    )
    assert Merge.objects.count() == 1


def test_of_two_merges_in_opposite_directions_one_is_made(place: SmallClinic, isolation: str) -> None:
    for _ in range(rounds(quick=3, full=30)):
        assert Counter(race([merges(place, 0, 1), merges(place, 1, 0)])) == {"done": 1, "invalid": 1}
        undone(place)


def test_a_ring_of_merges_ends_with_one_record(place: SmallClinic) -> None:
    outcomes = Counter(race([merges(place, 0, 1), merges(place, 1, 2), merges(place, 2, 0)]))
    assert 1 <= outcomes["done"] <= 2
    assert set(outcomes) <= {"done", "invalid", "version-conflict"}


def test_of_two_who_undo_it_one_does(place: SmallClinic) -> None:
    merges(place)()
    merge = Merge.objects.get()
    undo = refusal_of(partial(undo_merge, merge_id=merge.pk, by_id=place.desk.pk, within={place.clinic.pk}))
    assert Counter(race([undo, undo])) == {"done": 1, "merge-undone": 1}


def test_a_reply_that_is_being_written_is_waited_for(place: SmallClinic) -> None:
    written = threading.Event()

    def write() -> str:
        with transaction.atomic():
            Reply.objects.create(
                provider_id="SM-late", patient_id=place.patients[1].pk, meaning="confirm", state="acted"
            )
            written.set()
            time.sleep(0.4)
        return "done"

    def merge_meanwhile() -> str:
        assert written.wait(10)
        return merges(place)()

    assert race([write, merge_meanwhile]) == ["done", "done"]
    assert Reply.objects.get().patient_id == place.patients[0].pk


def test_a_reply_that_is_written_too_late_finds_the_record_that_stays(
    place: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    with slow(merging, "wait_for_writers", monkeypatch) as waited:

        def write() -> str:
            assert waited.wait(10)
            Reply.objects.create(
                provider_id="SM-late", patient_id=place.patients[1].pk, meaning="confirm", state="acted"
            )
            return "done"

        assert race([merges(place), write]) == ["done", "done"]
    assert Reply.objects.get().patient_id == place.patients[0].pk
    connection.close()
