"""Senders of webhooks that are killed at any moment: everything arrives, and what arrives twice has the same id."""

import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator

import pytest

from notifications.models import HookCall, HookEvent
from notifications.rules.hooks import MOST_ATTEMPTS
from providers.models import Clinic
from tests.counts import rounds
from tests.factories import ClinicFactory
from tests.notifications.hooked import Heard, Receiver, hook_to, receiving
from tests.processes import environment_of_the_test_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


def start() -> "subprocess.Popen[bytes]":
    environment = environment_of_the_test_database() | {
        "DEBUG": "1",
        "WEBHOOKS_TO_THIS_MACHINE": "1",
        "LOG_LEVEL": "ERROR",
    }
    return subprocess.Popen([sys.executable, "-m", "tests.faults.hook_process"], env=environment)


def test_killed_senders_lose_nothing(receiver: Receiver) -> None:
    clinic: Clinic = ClinicFactory.create()
    hook = hook_to(clinic, receiver.url())
    count = rounds(quick=60, full=2_000)
    tests = [HookCall(hook=hook, event=HookEvent.PING, body={"type": "ping"}) for _ in range(count)]
    HookCall.objects.bulk_create(tests)
    # A test is not repeated after a failure; here none fails, what is repeated is what a dead sender left.
    dice = random.Random(3)

    def slow(_heard: Heard) -> int:
        time.sleep(0.05)
        return 200

    receiver.verdict = slow
    until, deaths, process = time.monotonic() + rounds(quick=90, full=900), 0, start()
    next_kill = time.monotonic() + 3
    try:
        while HookCall.objects.exclude(state="delivered").exists() and time.monotonic() < until:
            time.sleep(0.1)
            if time.monotonic() > next_kill and receiver.heard and deaths < rounds(quick=3, full=60):
                process.send_signal(signal.SIGKILL)
                process.wait()
                deaths, process = deaths + 1, start()
                next_kill = time.monotonic() + 3 + dice.random()
    finally:
        process.kill()
        process.wait()
    assert deaths
    assert Counter(HookCall.objects.values_list("state", flat=True)) == {"delivered": count}
    times = Counter(one.id for one in receiver.heard)
    assert set(times) == {str(call.pk) for call in tests}
    # At least once; twice only what was under way at a death.
    assert sum(number - 1 for number in times.values()) <= deaths * 2
    assert max(HookCall.objects.values_list("attempts", flat=True)) <= MOST_ATTEMPTS
