"""A hundred requests in any minute and not one more, on a real Valkey and without it."""

import os
import socket
import threading
import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as LostConnection

from mediconnect.resilience.rate import OwnCounter, RateLimiter, SharedCounter, count, limiter
from mediconnect.resilience.reach import PAUSE, connect


@pytest.fixture
def valkey() -> Iterator[Redis]:
    """Return a client for the real server."""
    client = connect(os.environ["REDIS_URL"])
    yield client
    client.close()


@pytest.fixture
def key() -> str:
    """Return a caller that nobody else is."""
    return uuid.uuid4().hex


class Gone:
    """A shared counter whose server is away."""

    def __init__(self) -> None:
        self.asked = 0

    def wait(self, key: str) -> float:
        """Fail as the client does."""
        self.asked += 1
        raise LostConnection(key)


class Clock:
    """A clock that moves when told."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        """Return the moment."""
        return self.now


@pytest.mark.race
def test_of_two_hundred_at_once_exactly_a_hundred_are_admitted(key: str) -> None:
    # A patient client: what is proven is the count, and 200 new connections may take a small machine its time.
    counter = SharedCounter(
        Redis.from_url(os.environ["REDIS_URL"], socket_timeout=30, max_connections=200), limit=100, window=60
    )
    start = threading.Barrier(200)

    def ask(_: int) -> float:
        start.wait()
        return counter.wait(key)

    with ThreadPoolExecutor(200) as pool:
        waits = list(pool.map(ask, range(200)))
    assert sum(wait == 0 for wait in waits) == 100
    assert all(0 <= wait <= 60 for wait in waits)


@pytest.mark.race
def test_control_counting_in_two_steps_lets_more_through(valkey: Redis, key: str) -> None:
    """Read, then write: what the script is for."""
    start = threading.Barrier(20)

    def ask(_: int) -> bool:
        start.wait()
        admitted = int(valkey.get(key) or 0) < 10
        if admitted:
            time.sleep(0.01)
            valkey.incr(key)
        return admitted

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(ask, range(20))) > 10


def test_the_window_slides_and_callers_do_not_share(valkey: Redis, key: str) -> None:
    counter = SharedCounter(valkey, limit=2, window=0.3)
    assert [counter.wait(key) for _ in range(2)] == [0, 0]
    left = counter.wait(key)
    assert 0 < left <= 0.3
    assert counter.wait(f"{key}-other") == 0
    time.sleep(left)
    assert counter.wait(key) == 0


def test_nothing_is_kept_longer_than_the_window(valkey: Redis, key: str) -> None:
    SharedCounter(valkey, limit=5, window=60).wait(key)
    assert 0 < int(valkey.pttl(f"rate:1:{key}")) <= 60_000


def test_a_lost_server_is_replaced_by_a_share_of_the_limit_and_asked_again_later(key: str) -> None:
    clock, gone = Clock(), Gone()
    limit = RateLimiter(gone, OwnCounter(limit=2, window=60, clock=clock), clock=clock)
    verdicts = [limit.take(key) for _ in range(3)]
    assert [(verdict.allowed, verdict.alone) for verdict in verdicts] == [(True, True), (True, True), (False, True)]
    assert verdicts[-1].retry_after == 60
    assert gone.asked == 1
    clock.now += PAUSE
    limit.take(key)
    assert gone.asked == 2


def test_a_silent_server_costs_a_quarter_of_a_second_once(key: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        limit = limiter(url=f"redis://127.0.0.1:{silent.getsockname()[1]}/0", limit=100, processes=2)
        before = time.monotonic()
        verdicts = [limit.take(key) for _ in range(51)]
        took = time.monotonic() - before
    assert [verdict.allowed for verdict in verdicts] == [True] * 50 + [False]
    assert took < 2


def test_the_process_on_its_own_keeps_the_same_rule(key: str) -> None:
    clock = Clock()
    own = OwnCounter(limit=2, window=60, clock=clock)
    assert own.wait(key) == 0
    clock.now += 40
    assert own.wait(key) == 0
    assert own.wait(key) == 20
    clock.now += 20
    assert own.wait(key) == 0
    assert own.wait(key) == 40


def test_counting_by_the_settings(key: str) -> None:
    assert [count(key, limit=1)[0] for _ in range(2)] == [True, False]
