"""Real worker processes: a fact arrives, the gate holds, the kill is survived, the stop leaves nobody behind."""

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest
from django.db import transaction
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from mediconnect.health.models import Heartbeat
from mediconnect.operations.workers.supervisor import Process, Supervisor, Watched, heartbeat_age, spawn
from mediconnect.outbox import publish
from mediconnect.outbox.models import Delivery
from tests.processes import environment_of_the_test_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

MANAGE = Path(__file__).parents[2] / "manage.py"


def until(condition: Callable[[], object], seconds: float = 30.0) -> None:
    """Wait for the condition; fail by name after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not within {seconds} s: {condition.__name__}"
        time.sleep(0.1)


def family_of(pid: int) -> list[psutil.Process]:
    """Return the process and all its descendants."""
    parent = psutil.Process(pid)
    return [parent, *parent.children(recursive=True)]


def alive(processes: list[psutil.Process]) -> list[psutil.Process]:
    """Return those that still run."""
    return [p for p in processes if p.is_running() and p.status() != psutil.STATUS_ZOMBIE]


@pytest.fixture
def supervisor() -> Iterator[subprocess.Popen[bytes]]:
    """Run `supervise` for the default cluster and wait for its first heartbeat."""
    process = subprocess.Popen(
        [sys.executable, str(MANAGE), "supervise", "default"],
        env=environment_of_the_test_database(),
        start_new_session=True,
    )
    try:
        until(Heartbeat.objects.exists, 60)
        yield process
    finally:
        family = family_of(process.pid) if process.poll() is None else []
        for member in family:
            member.kill()
        process.wait()


def publish_an_event() -> None:
    from mediconnect.accounts.events import PasswordResetRequested  # noqa: PLC0415

    with transaction.atomic():
        publish(PasswordResetRequested(reset_id=uuid.uuid4()))


def all_done() -> bool:
    return not Delivery.objects.exclude(state="done").exists()


def test_workers_deliver_refuse_survive_and_stop(supervisor: subprocess.Popen[bytes], tmp_path: Path) -> None:
    # A fact is delivered within seconds, by its wake-up and not by the minute's sweep.
    publish_an_event()
    until(all_done, 30)

    # What schedule.py does not list is not executed, though it was queued in the proper way.
    async_task("os.mkdir", str(tmp_path / "owned"))
    forbidden = OrmQ.objects.latest("pk").pk
    until(lambda: not OrmQ.objects.filter(pk=forbidden).exists(), 30)
    assert not (tmp_path / "owned").exists()
    assert not Task.objects.filter(func="os.mkdir").exists()

    # The cluster's main process is killed: nobody of it stays, and a new one works on.
    cluster = family_of(supervisor.pid)[1:]
    cluster[0].send_signal(signal.SIGKILL)
    until(lambda: not alive(cluster), 15)
    publish_an_event()
    until(all_done, 45)

    # TERM to the whole group of the cluster ends it as TERM to its main process does, and it comes back.
    cluster = family_of(supervisor.pid)[1:]
    os.killpg(cluster[0].pid, signal.SIGTERM)
    until(lambda: not alive(cluster), 25)
    until(lambda: len(family_of(supervisor.pid)) >= len(cluster) + 1, 60)

    # TERM to the supervisor ends everybody in time.
    family = family_of(supervisor.pid)
    os.kill(supervisor.pid, signal.SIGTERM)
    supervisor.wait(25)
    assert not alive(family)


def test_workers_end_with_a_killed_supervisor(supervisor: subprocess.Popen[bytes]) -> None:
    family = family_of(supervisor.pid)
    assert len(family) >= 5  # supervisor, main, sentinel, worker, pusher, monitor
    supervisor.kill()
    supervisor.wait()
    until(lambda: not alive(family), 15)


def test_a_cluster_that_lives_without_progress_is_replaced() -> None:
    # Stopped workers look alive to django-q2 for ever, as do workers that wait for a lock whose holder was killed.
    def spawn_here(watched: Watched) -> Process:
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment_of_the_test_database().items():
                patch.setenv(name, value)
            return spawn(watched)

    supervisor = Supervisor(["default"], spawn=spawn_here, silence=8.0, starting=60.0)
    watched = supervisor.watched[0]

    def beats_after(restarts: int) -> bool:
        supervisor.tick()
        age = heartbeat_age(watched.instance)
        return watched.restarts >= restarts and watched.process is not None and age is not None and age < 4

    try:
        until(lambda: beats_after(0), 60)
        assert watched.process is not None
        first = family_of(watched.process.pid)
        for process in first:
            if not process.children():  # workers, pusher, monitor; sentinel and main process go on
                process.suspend()
        until(lambda: beats_after(1), 90)
        assert not alive(first)
    finally:
        supervisor.stop()
