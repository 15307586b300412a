"""The web process is killed again and again while people book: nothing answered is lost, nothing is doubled."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

import pytest

from appointments.models import Appointment
from mediconnect.idempotency.models import IdempotencyRecord
from mediconnect.operations.verifying import broken
from mediconnect.outbox.models import Fact
from providers.models import AppointmentType, Clinic
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.concurrency.racing import wish
from tests.counts import rounds
from tests.http import Api
from tests.processes import environment_of_the_test_database

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race, pytest.mark.timeout(3600)]

CLIENTS: Final = 5
KILLS: Final = rounds(quick=5, full=200)
# Longer than this no key may be unusable once a server is there again.
USABLE_SECONDS: Final = 10.0
START_SECONDS: Final = 60.0


@dataclass
class Web:
    """A real web server on this test's database, that can be killed and started again on the same port."""

    port: int
    process: subprocess.Popen[bytes] | None = None
    ready_since: list[float] = field(default_factory=list)
    settled: int = 0

    def start(self) -> None:
        """Start the server and wait until it answers."""
        environment = environment_of_the_test_database() | {
            "PROCESS_ROLE": "web",
            "PORT": str(self.port),
            "WEB_CONCURRENCY": "1",
            "WEB_THREADS": "8",
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "--config", "python:mediconnect.gunicorn"],
            env=environment,
            start_new_session=True,
        )
        end = time.monotonic() + START_SECONDS
        while not self._answers():
            assert self.process.poll() is None, "the server ended by itself"
            assert time.monotonic() < end, f"the server does not answer within {START_SECONDS} s"
            time.sleep(0.05)
        self.ready_since.append(time.monotonic())

    def kill(self) -> None:
        """Kill the server and all its processes, with no chance to say goodbye."""
        if self.process is not None:
            with suppress(ProcessLookupError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait(10)

    def _answers(self) -> bool:
        with suppress(OSError, http.client.HTTPException):
            return send(self.port, "GET", "/health/liveness")[0] == 200
        return False


def send(port: int, method: str, path: str, body: Any = None, **headers: str) -> tuple[int, bytes, dict[str, str]]:
    """Send one request on a connection of its own; raises OSError or HTTPException where no whole answer arrives."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request(method, path, json.dumps(body) if body is not None else None, headers)
        answer = connection.getresponse()
        return answer.status, answer.read(), dict(answer.getheaders())
    finally:
        connection.close()


@contextmanager
def web_server() -> Iterator[Web]:
    """Run a server on a free port; whatever happens, none is left."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    web = Web(port)
    try:
        web.start()
        yield web
    finally:
        web.kill()


@dataclass
class Attempt:
    """One booking as its client lives it: the key, what was sent, and everything that was answered."""

    key: str
    token: str
    body: dict[str, str]
    began: float
    settled: float = 0.0
    answers: list[tuple[int, bytes]] = field(default_factory=list)

    def send(self, port: int) -> bool:
        """Send it once; return whether the answer is definite."""
        try:
            status, content, headers = send(
                port,
                "POST",
                "/api/v1/appointments/",
                self.body,
                **{
                    "Authorization": f"Bearer {self.token}",
                    "Idempotency-Key": self.key,
                    "Content-Type": "application/json",
                },
            )
        except (OSError, http.client.HTTPException):
            return False  # killed before it answered, or not there yet: did it happen?
        self.answers.append((status, content))
        if status in {429, 503}:
            assert int(headers["Retry-After"]) >= 1
            return False
        return not (status == 409 and json.loads(content)["code"] == "idempotency-in-progress")


def book_until_over(
    web: Web, place: SmallClinic, tokens: list[str], client: int, over: threading.Event
) -> list[Attempt]:
    """Book one time after another until it is over, every second one a time that all clients want; never leave one open.

    Each definite answer is counted in `web.settled`.
    """
    attempts = []
    for turn in range(25_000):
        if over.is_set():
            break
        shared = turn % 2 == 0
        number = turn if shared else turn * CLIENTS + client
        day, place_in_day = divmod(number, 24 * 12)
        start = place.at(place_in_day // 12, 5 * (place_in_day % 12), days=(2 if shared else 200) + day)
        attempt = Attempt(
            f"client-{client}-turn-{turn:06}", tokens[turn % len(tokens)], wish(place, start), time.monotonic()
        )
        attempts.append(attempt)
        end = time.monotonic() + START_SECONDS + USABLE_SECONDS
        while not attempt.send(web.port):
            assert time.monotonic() < end, f"{attempt.key} is unusable: {attempt.answers[-1:]}"
            time.sleep(0.05)
        attempt.settled = time.monotonic()
        web.settled += 1
    return attempts


def kill_at_random(web: Web, over: threading.Event) -> None:
    """Kill and start the server so many times, each at a moment that nobody foresees, and then say that it is over."""
    try:
        for number in range(KILLS):
            before, patience = web.settled, time.monotonic() + START_SECONDS
            # Every second kill waits until somebody was answered, so that a slow machine books between the kills too.
            while number % 2 and web.settled < before + CLIENTS and time.monotonic() < patience:
                time.sleep(0.05)
            time.sleep(random.uniform(0.05, 1.0))  # a moment, not a secret
            web.kill()
            web.start()
        time.sleep(0.5)
    finally:
        over.set()


def test_kills_lose_nothing_that_was_answered_and_double_nothing() -> None:
    place = small_clinic(patients=CLIENTS * 8)
    Clinic.objects.filter(pk=place.clinic.pk).update(open_bookings_limit=10_000, horizon_days=700)
    AppointmentType.objects.filter(pk=place.kind.pk).update(duration=5, start_grid=5)
    open_for_years(place)
    tokens = [Api.patient(user).headers["Authorization"].removeprefix("Bearer ") for user in place.users]
    over, lived = threading.Event(), dict[int, list[Attempt]]()
    with web_server() as web:

        def live(client: int) -> None:
            lived[client] = book_until_over(web, place, tokens[client::CLIENTS], client, over)

        clients = [threading.Thread(target=partial(live, client), daemon=True) for client in range(CLIENTS)]
        for client in clients:
            client.start()
        kill_at_random(web, over)
        for client in clients:
            client.join(START_SECONDS + 2 * USABLE_SECONDS)
        assert set(lived) == set(range(CLIENTS)), "a client has not come to its end"
        attempts = [attempt for some in lived.values() for attempt in some]
        judge(attempts, web)


def judge(attempts: list[Attempt], web: Web) -> None:
    """Assert that every promise was kept: I4, I5 and I6 of the reliability page, and `verify` finds nothing."""
    seen = Counter(status for attempt in attempts for status, _ in attempt.answers)
    assert set(seen) <= {201, 409, 429, 503}, seen
    assert seen[201] >= KILLS // 2  # something was booked between the kills
    booked: defaultdict[str, set[bytes]] = defaultdict(set)
    for attempt in attempts:
        for status, content in attempt.answers:
            if status == 201:
                booked[attempt.key].add(content)
    assert all(len(bodies) == 1 for bodies in booked.values())
    said = [json.loads(content)["id"] for bodies in booked.values() for content in bodies]
    there = {str(pk) for pk in Appointment.objects.values_list("pk", flat=True)}
    assert len(said) == len(set(said))  # one visit for one key
    assert set(said) == there  # what was answered exists; what exists was answered, since every client asked to the end
    assert Fact.objects.filter(name__endswith="AppointmentBooked").count() == len(there)
    assert IdempotencyRecord.objects.filter(status_code=201).count() == len(there)
    for attempt in attempts:
        there_again = max((moment for moment in web.ready_since if moment <= attempt.settled), default=0.0)
        assert attempt.settled - max(attempt.began, there_again) <= USABLE_SECONDS, attempt.key
    for attempt in random.sample(attempts, min(20, len(attempts))):
        before = attempt.answers[-1]
        assert attempt.send(web.port)
        assert attempt.answers[-1] == before  # to the byte, whichever process answers
    assert [str(found) for found in broken()] == []


def open_for_years(place: SmallClinic) -> None:
    """Open the provider's hours for as long as the clients may want."""
    place.provider.openings.update(during=(place.at(0, days=-3), place.at(0, days=700)))
