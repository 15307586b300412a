"""One decision under real conflicts: it begins again where the database asks for it, gives up in words, and leaves nothing."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from mediconnect.errors import TryAgain
from mediconnect.resilience.transactions import ATTEMPTS, DEADLOCK, SERIALIZATION_FAILURE, Restart, decide, sqlstate
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import patient_api, race, wish

pytestmark = pytest.mark.race


def rename(patient: Patient, name: str) -> None:
    """Write the patient's name with one statement."""
    Patient.objects.filter(pk=patient.pk).update(given_name=name)


def name_of(patient: Patient) -> str:
    """Read the patient's name anew."""
    return str(Patient.objects.values_list("given_name", flat=True).get(pk=patient.pk))


def elsewhere(action: Callable[[], object]) -> None:
    """Carry the action out and commit it on a connection of its own."""

    def run() -> None:
        try:
            action()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    thread.join(20)
    assert not thread.is_alive()


@contextmanager
def locked_elsewhere(patient: Patient) -> Iterator[None]:
    """Hold the patient's row locked from another connection."""
    locked, done = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                list(Patient.objects.select_for_update().filter(pk=patient.pk))
                locked.set()
                done.wait(30)
        finally:
            connection.close()

    thread = threading.Thread(target=hold, daemon=True)
    thread.start()
    assert locked.wait(10)
    try:
        yield
    finally:
        done.set()
        thread.join(10)


def test_a_stale_snapshot_begins_again_and_then_sees_the_others_change(place: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "repeatable-read"
    patient, seen, pauses = place.patients[0], list[str](), list[float]()

    def work() -> str:
        seen.append(name_of(patient))
        if len(seen) == 1:
            elsewhere(partial(rename, patient, "Ines"))
        rename(patient, f"{seen[-1]} Maria")
        return seen[-1]

    assert decide(work, actor_id=None, sleep=pauses.append) == "Ines"
    assert seen == ["Lena", "Ines"]
    assert name_of(patient) == "Ines Maria"
    assert [0.010 <= pause <= 0.200 for pause in pauses] == [True]


def test_control_read_committed_writes_over_what_it_never_saw(place: SmallClinic, settings: Any) -> None:
    # Why services lock before they read: at this level nobody is told that the picture is old.
    settings.BOOKING_ISOLATION = "read-committed"
    patient, seen = place.patients[0], list[str]()

    def work() -> None:
        seen.append(name_of(patient))
        elsewhere(partial(rename, patient, "Ines"))
        rename(patient, f"{seen[-1]} Maria")

    decide(work, actor_id=None)
    assert name_of(patient) == "Lena Maria"


def test_edits_of_openings_read_committed_whatever_bookings_do(place: SmallClinic, isolation: str) -> None:
    def level() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW transaction_isolation")
            return str(cursor.fetchone()[0])

    assert decide(level, actor_id=None) == isolation.replace("-", " ")
    assert decide(level, actor_id=None, fresh_reads=True) == "read committed"


def test_two_who_wait_for_each_other_both_finish(place: SmallClinic, isolation: str) -> None:
    one, two = place.patients[:2]
    both_began, attempts = threading.Barrier(2), list[str]()

    def crossing(first: Patient, second: Patient, name: str) -> str:
        def work() -> str:
            attempts.append(name)
            rename(first, name)
            if attempts.count(name) == 1:
                both_began.wait(10)
            rename(second, name)
            return name

        return decide(work, actor_id=None)

    assert race([partial(crossing, one, two, "Ada"), partial(crossing, two, one, "Bea")]) == ["Ada", "Bea"]
    assert len(attempts) >= 3  # the database chose a victim, and it began again
    assert name_of(one) == name_of(two)  # whole transactions: never one of each


def test_control_without_a_restart_one_of_the_two_is_lost(place: SmallClinic) -> None:
    one, two = place.patients[:2]
    both_began = threading.Barrier(2)

    def crossing(first: Patient, second: Patient, name: str) -> str:
        try:
            with transaction.atomic():
                rename(first, name)
                both_began.wait(10)
                rename(second, name)
        except OperationalError as error:
            return sqlstate(error)
        return "done"

    assert sorted(race([partial(crossing, one, two, "Ada"), partial(crossing, two, one, "Bea")])) == [DEADLOCK, "done"]


def test_after_five_attempts_it_gives_up_and_nothing_is_written(place: SmallClinic, settings: Any) -> None:
    settings.BOOKING_ISOLATION = "repeatable-read"
    patient, attempts, pauses = place.patients[0], list[int](), list[float]()

    def work() -> None:
        attempts.append(len(attempts))
        place.patients[1].given_name = "Written in vain"
        place.patients[1].save()
        elsewhere(partial(rename, patient, f"Ines {len(attempts)}"))
        rename(patient, "Written in vain")

    with pytest.raises(TryAgain) as given_up:
        decide(work, actor_id=None, sleep=pauses.append)
    assert sqlstate(given_up.value.__cause__) == SERIALIZATION_FAILURE  # type: ignore[arg-type]
    assert (given_up.value.status, given_up.value.retry_after) == (503, 1)
    assert (len(attempts), len(pauses)) == (ATTEMPTS, ATTEMPTS - 1)
    assert not Patient.objects.filter(given_name="Written in vain").exists()


def test_a_restart_that_the_work_asks_for_is_bounded_as_well(place: SmallClinic) -> None:
    attempts = []

    def work() -> None:
        attempts.append(1)
        raise Restart

    with pytest.raises(TryAgain):
        decide(work, actor_id=None, sleep=lambda _seconds: None)
    assert len(attempts) == ATTEMPTS


def test_a_lock_that_does_not_come_is_an_answer_and_no_second_try(place: SmallClinic, isolation: str) -> None:
    patient, attempts = place.patients[0], []

    def work() -> None:
        attempts.append(1)
        place.patients[1].given_name = "Written in vain"
        place.patients[1].save()
        rename(patient, "Ines")

    with locked_elsewhere(patient), pytest.raises(TryAgain) as waited:
        decide(work, actor_id=None)
    assert sqlstate(waited.value.__cause__) == "55P03"  # type: ignore[arg-type]
    assert len(attempts) == 1  # two seconds are patience enough; the client decides whether to come again
    assert not Patient.objects.filter(given_name="Written in vain").exists()


def test_a_busy_patient_is_503_with_retry_after_and_the_key_stays_free(place: SmallClinic, isolation: str) -> None:
    api, body = patient_api(place.users[0]), wish(place, place.at(9))
    with locked_elsewhere(place.patients[0]):
        busy = api.post("appointments/", body, key="a-key-to-come-again-with")
    assert (busy.status_code, busy.json()["code"], busy.headers["Retry-After"]) == (503, "try-again", "1")
    assert api.post("appointments/", body, key="a-key-to-come-again-with").status_code == 201
