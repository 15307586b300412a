"""The self-check keeps how it went: in turns, once at a time, in names and counts alone."""

import datetime as dt
import io
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.core.management import call_command
from django.db import InternalError, connection, transaction
from django.utils import timezone

from mediconnect.operations import tasks
from mediconnect.operations.errors import CheckedJustNow
from mediconnect.operations.models import VerifyRun
from mediconnect.operations.verifying import CHECKS, Check, look_at, recording
from mediconnect.outbox.services.waking import wake_up
from tests.appointments.conftest import SmallClinic
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.delete("self-check:broken")
    yield
    cache.delete("self-check:broken")


def _wakes() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM django_q_ormq WHERE payload = %s", [wake_up(recording.BELL)])
        return int(cursor.fetchone()[0])


def test_the_night_asks_every_promise_and_keeps_the_answer(place: SmallClinic) -> None:
    tasks.begin_self_check()
    while VerifyRun.objects.filter(finished_at=None).exists():
        tasks.continue_self_check()
    run = VerifyRun.objects.get()
    assert (run.how, run.ok, run.by_id) == ("nightly", True, None)
    assert [entry["name"] for entry in run.checks] == [check.name for check in CHECKS]
    assert all(set(entry) == {"name", "held", "count"} for entry in run.checks)
    assert run.started_at is not None
    assert run.finished_at is not None
    assert recording.broken_promises() == 0


def test_a_broken_promise_is_counted_and_names_nobody(place: SmallClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = Check("no_patient_is_called_anything", "SELECT given_name FROM patients_patient")
    monkeypatch.setattr(recording, "CHECKS", (broken,))
    recording.begin_nightly()
    assert recording.take_turn() is False
    run = VerifyRun.objects.get()
    assert run.ok is False
    assert run.checks == [{"name": broken.name, "held": False, "count": len(place.patients)}]
    assert recording.broken_promises() == 1


def test_a_warning_breaks_no_promise(monkeypatch: pytest.MonkeyPatch) -> None:
    warning = next(check for check in CHECKS if check.severity == "warning")
    monkeypatch.setattr(recording, "CHECKS", (Check(warning.name, "SELECT 1", warning.severity),))
    recording.begin_nightly()
    recording.take_turn()
    run = VerifyRun.objects.get()
    assert run.checks[0]["held"] is False
    assert run.ok is True


def test_a_check_that_takes_too_long_is_not_taken_for_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = Check("sleep_is_short", "SELECT pg_sleep(20)::text WHERE false IS NOT NULL")
    monkeypatch.setattr(recording, "_CHECK_SECONDS", 1)
    monkeypatch.setattr(recording, "CHECKS", (slow,))
    recording.begin_nightly()
    with transaction.atomic():
        recording.take_turn()
    run = VerifyRun.objects.get()
    assert run.checks == [{"name": slow.name, "held": None, "count": 0}]
    assert run.ok is False


def test_a_run_is_worked_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "_TURN_SECONDS", 0.0)
    recording.begin_nightly()
    assert recording.take_turn() is True
    monkeypatch.setattr(recording, "_TURN_SECONDS", 60.0)
    assert recording.take_turn() is False
    assert len(VerifyRun.objects.get().checks) == len(CHECKS)


def test_what_a_dead_worker_left_is_done_by_another() -> None:
    run = recording.begin_nightly()
    done = {"name": CHECKS[0].name, "held": True, "count": 0}
    VerifyRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() + dt.timedelta(seconds=30), checks=[done])
    assert recording.take_turn() is False
    assert VerifyRun.objects.get().finished_at is None, "another worker is at it"
    VerifyRun.objects.filter(pk=run.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    while recording.take_turn():
        pass
    run.refresh_from_db()
    assert [entry["name"] for entry in run.checks] == [check.name for check in CHECKS]


def test_two_wishes_are_one_run_and_the_next_one_waits_some_minutes() -> None:
    user = UserFactory.create()
    first = recording.ask(by_id=user.pk)
    assert recording.ask(by_id=UserFactory.create().pk) == first
    assert _wakes() == 1
    VerifyRun.objects.update(finished_at=timezone.now(), ok=True)
    with pytest.raises(CheckedJustNow):
        recording.ask(by_id=user.pk)
    VerifyRun.objects.update(finished_at=timezone.now() - recording.PAUSE)
    assert recording.ask(by_id=user.pk).by_id == user.pk


def test_the_command_keeps_its_run_and_a_part_of_it_is_none() -> None:
    call_command("verify", only=[CHECKS[0].name], stdout=io.StringIO())
    assert not VerifyRun.objects.exists()
    call_command("verify", stdout=io.StringIO())
    run = VerifyRun.objects.get()
    assert (run.how, run.by_id, run.ok, len(run.checks)) == ("by_hand", None, True, len(CHECKS))


def test_the_command_judges_a_copy_that_takes_no_writes() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL transaction_read_only = on")
    said = io.StringIO()
    call_command("verify", stdout=io.StringIO(), stderr=said)
    assert "takes no writes" in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_a_check_can_write_nothing() -> None:
    with pytest.raises(InternalError, match="read-only"):
        look_at(Check("nothing_is_written", "SELECT nextval('patients_record_number')"))


def test_old_runs_are_forgotten() -> None:
    for days in (1, 399, 401):
        run = VerifyRun.objects.create(how="nightly", finished_at=timezone.now(), ok=True)
        VerifyRun.objects.filter(pk=run.pk).update(created_at=timezone.now() - dt.timedelta(days=days))
    assert recording.forget_old() == 1
    assert VerifyRun.objects.count() == 2
