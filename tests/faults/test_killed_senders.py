"""Senders that are killed at any moment lose nothing, and double nothing that they do not say."""

import datetime as dt
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psutil
import pytest
from django.db.models.functions import Now

from mediconnect.resilience.breaker import breaker_of
from notifications.models import Message
from tests.counterparts.post_office import Fate, PostOffice, post_office
from tests.counts import rounds
from tests.processes import environment_of_the_test_database

from .conftest import write_texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

OPEN = ["queued", "waiting", "sending"]


class Senders:
    """Processes that send, each replaced when it is dead."""

    def __init__(self, office: PostOffice, count: int, **more: str) -> None:
        self._environment = (
            environment_of_the_test_database()
            | office.environment()
            | {"SMS_PER_SECOND": "5000", "FOREVER": "yes", "LOG_LEVEL": "ERROR"}
            | more
        )
        self.running = [self._start() for _ in range(count)]
        self.deaths = 0
        self.largest = 0

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "tests.faults.sender_process"], env=self._environment)

    def kill_one(self) -> None:
        random.choice(self.running).send_signal(signal.SIGKILL)

    def look(self, *, at_death: Callable[[], object] = lambda: None) -> None:
        """Note the largest memory of one that lives, and replace those that do not, after doing `at_death`."""
        for place, process in enumerate(self.running):
            if process.poll() is not None:
                self.deaths += 1
                at_death()
                self.running[place] = self._start()
            else:
                self.largest = max(self.largest, psutil.Process(process.pid).memory_info().rss)

    def end(self) -> None:
        for process in self.running:
            process.kill()
            process.wait()


@contextmanager
def senders(office: PostOffice, count: int, **more: str) -> Iterator[Senders]:
    """Run so many of them for the length of the block."""
    processes = Senders(office, count, **more)
    try:
        yield processes
    finally:
        processes.end()


@pytest.fixture
def office() -> Iterator[PostOffice]:
    """A service that takes a moment, and now and then takes a text and says nothing."""
    breaker_of("twilio").reset("a test begins", None)
    with post_office() as office:
        yield office


def unfinished() -> bool:
    return Message.objects.filter(state__in=OPEN).exists()


def test_killed_senders_lose_nothing_and_double_nothing(office: PostOffice) -> None:
    count = rounds(quick=150, full=100_000)
    write_texts(count)
    dice = random.Random(7)
    office.fate = lambda _to, _body: Fate(seconds=rounds(quick=4, full=1) * 0.05, answers=dice.random() > 0.02)
    until = time.monotonic() + rounds(quick=120, full=3_600)
    with senders(office, rounds(quick=2, full=4)) as running:
        next_kill = time.monotonic() + 4
        while unfinished() and time.monotonic() < until:
            time.sleep(0.1)
            running.look()
            if time.monotonic() > next_kill:
                running.kill_one()
                next_kill = time.monotonic() + rounds(quick=4, full=6)
        assert running.deaths
        assert running.largest < 300_000_000
    states = Counter(Message.objects.values_list("state", flat=True))
    assert states == {"sent": count}, states
    taken = office.times_taken()
    assert len(taken) == count
    doubles = sum(times - 1 for times in taken.values())
    said = sum(Message.objects.values_list("ambiguities", flat=True))
    assert doubles <= said


def end_leases() -> None:
    """Let the leases of the one sender that there was lapse now."""
    Message.objects.filter(state="sending").update(lease_until=Now() - dt.timedelta(seconds=1))


def test_a_message_that_kills_its_senders_is_given_up_while_the_others_are_sent(office: PostOffice) -> None:
    messages = write_texts(50)
    poison = messages[3]
    with senders(office, 1, POISON=str(poison.pk)) as running:
        until = time.monotonic() + 120
        while unfinished() and time.monotonic() < until:
            time.sleep(0.1)
            running.look(at_death=end_leases)
    dead = Message.objects.get(pk=poison.pk)
    assert (dead.state, running.deaths <= 4) == ("dead", True)
    assert dead.attempts <= 4
    # The poison takes calls under way with it: each of those is looked up, and arrives once all the same.
    assert Counter(Message.objects.values_list("state", flat=True)) == {"sent": 49, "dead": 1}
    assert set(office.times_taken().values()) == {1}
