"""A breaker gives leave once, tells each change once, and goes on by itself while Redis is away."""

import os
import signal
import threading
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from prometheus_client import REGISTRY
from redis import Redis
from redis.exceptions import ConnectionError as LostConnection
from structlog.testing import capture_logs

from mediconnect.embedded import home
from mediconnect.embedded.valkey import valkey as running_valkey
from mediconnect.resilience.breaker import PLENTY, Breaker, BreakerOptions, NotPermitted, breaker_of
from mediconnect.resilience.breaker.fleet import SharedAccount
from mediconnect.resilience.breaker.own import OwnAccount
from mediconnect.resilience.breaker.permits import breaker_on
from mediconnect.resilience.breaker.rules import Answer, Outcome
from mediconnect.resilience.reach import PAUSE, TIMEOUT, Reach, Server, connect
from tests.resilience.conftest import Clock


class Losable(SharedAccount):
    """The fleet's account behind a line that can be cut."""

    cut = False
    asked = 0

    def _run(self, verb: str, *arguments: str | int) -> Answer:
        self.asked += 1
        if self.cut:
            raise LostConnection
        return super()._run(verb, *arguments)


@pytest.fixture
def line(valkey: Redis, dependency: str, clock: Clock) -> Losable:
    return Losable(valkey, dependency, BreakerOptions(), clock=clock)


@pytest.fixture
def breaker(line: Losable, dependency: str, clock: Clock) -> Breaker:
    return Breaker(dependency, line, OwnAccount(BreakerOptions(), clock=clock), Reach(clock=clock), clock=clock)


def fail(breaker: Breaker, times: int = 5) -> None:
    for _ in range(times):
        breaker.acquire().failed()


def test_whoever_is_refused_is_told_when_to_come_again(breaker: Breaker, dependency: str) -> None:
    assert breaker.room() == PLENTY
    fail(breaker)
    with pytest.raises(NotPermitted) as refusal:
        breaker.acquire()
    assert refusal.value.name == dependency
    assert refusal.value.retry_after == pytest.approx(30)
    assert breaker.room() == 0
    said = breaker.state()
    assert (said.name, said.state, said.forced, said.reason) == (dependency, "open", False, "5 failures in a row")


def test_a_permit_is_answered_for_once(breaker: Breaker) -> None:
    permit = breaker.acquire()
    for _ in range(10):
        permit.failed()
        permit.succeeded()
        permit.released()
    assert (breaker.state().calls, breaker.state().failures) == (1, 1)


def test_two_threads_that_answer_for_one_permit_count_once(breaker: Breaker) -> None:
    permits = [breaker.acquire() for _ in range(20)]
    for permit in permits:
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda end: end(), (permit.succeeded, permit.succeeded)))
    assert breaker.state().calls == 20


def test_a_permit_that_is_lost_wedges_nothing(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now += 30
    breaker.acquire(), breaker.acquire()
    with pytest.raises(NotPermitted) as refusal:
        breaker.acquire()
    assert refusal.value.retry_after == pytest.approx(1)
    clock.now += 15
    breaker.acquire().succeeded()
    breaker.acquire().succeeded()
    assert breaker.state().state == "closed"


def counted(metric: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(metric, labels) or 0


def test_each_change_is_told_and_counted_once(breaker: Breaker, clock: Clock, dependency: str) -> None:
    with capture_logs() as lines:
        fail(breaker)
        for _ in range(3):
            with pytest.raises(NotPermitted):
                breaker.acquire()
        assert counted("circuit_breaker_state", name=dependency) == 1
        clock.now += 30
        trials = breaker.acquire(), breaker.acquire()
        assert counted("circuit_breaker_state", name=dependency) == 2
        for trial in trials:
            trial.succeeded()
    assert [(line["breaker"], line["old"], line["new"]) for line in lines] == [
        (dependency, "closed", "open"),
        (dependency, "open", "half_open"),
        (dependency, "half_open", "closed"),
    ]
    assert counted("circuit_breaker_state", name=dependency) == 0
    assert counted("circuit_breaker_calls_total", name=dependency, outcome="failed") == 5
    assert counted("circuit_breaker_calls_total", name=dependency, outcome="succeeded") == 2
    assert counted("circuit_breaker_not_permitted_total", name=dependency) == 3
    assert counted("circuit_breaker_transitions_total", **{"name": dependency, "from": "closed", "to": "open"}) == 1


def test_the_outage_of_one_leaves_the_others_alone(valkey: Redis, dependency: str) -> None:
    where = Server(valkey, Reach())
    one, other = (breaker_on(where, f"ehr:{name}", BreakerOptions()) for name in (dependency[5:25], dependency[25:]))
    fail(one)
    for _ in range(100):
        other.acquire().succeeded()
    assert (one.room(), other.room()) == (0, PLENTY)


def test_a_worker_that_starts_anew_finds_what_the_fleet_knows(valkey: Redis, dependency: str) -> None:
    fail(breaker_on(Server(valkey, Reach()), dependency, BreakerOptions()))
    again = breaker_on(Server(connect(os.environ["REDIS_URL"]), Reach()), dependency, BreakerOptions())
    with pytest.raises(NotPermitted):
        again.acquire()


def test_control_a_worker_that_counts_by_itself_forgets(dependency: str) -> None:
    own = OwnAccount(BreakerOptions())
    for _ in range(5):
        own.record("failed", generation=None, token="")
    assert not own.acquire().admitted
    assert OwnAccount(BreakerOptions()).acquire().admitted


# ---- Redis goes and comes back ----


def test_without_redis_a_process_keeps_the_same_rules_by_itself(breaker: Breaker, line: Losable, clock: Clock) -> None:
    line.cut = True
    fail(breaker, 4)
    assert breaker.state().alone
    breaker.acquire().failed()
    with pytest.raises(NotPermitted):
        breaker.acquire()
    clock.now += 30
    breaker.acquire().succeeded()
    breaker.acquire().succeeded()
    assert breaker.state().state == "closed"


def test_what_is_open_stays_open_when_redis_goes(breaker: Breaker, line: Losable, clock: Clock) -> None:
    fail(breaker)
    clock.now += 10
    assert breaker.room() == 0
    line.cut = True
    with pytest.raises(NotPermitted) as refusal:
        breaker.acquire()
    assert refusal.value.retry_after == pytest.approx(20)
    clock.now += 20
    breaker.acquire()


def test_what_a_process_found_out_alone_it_tells_the_fleet(
    breaker: Breaker, line: Losable, clock: Clock, valkey: Redis, dependency: str
) -> None:
    line.cut = True
    fail(breaker)
    line.cut = False
    clock.now += 9
    assert breaker.state().state == "open"
    other = SharedAccount(valkey, dependency, BreakerOptions(), clock=clock)
    assert other.read().state == "open"
    assert other.read().wait == pytest.approx(21)
    assert breaker.state().alone is False


def test_for_the_rest_the_fleet_is_right(breaker: Breaker, line: Losable, clock: Clock) -> None:
    fail(breaker)
    line.cut = True
    clock.now += 30
    breaker.acquire().succeeded()
    breaker.acquire().succeeded()
    assert (breaker.state().state, breaker.state().alone) == ("closed", True)
    line.cut = False
    clock.now += 9
    assert breaker.state().state == "open"
    assert breaker.room() == 2


def test_a_call_that_began_with_redis_and_ended_without_still_counts(breaker: Breaker, line: Losable) -> None:
    calls = [breaker.acquire() for _ in range(5)]
    line.cut = True
    for call in calls:
        call.failed()
    with pytest.raises(NotPermitted):
        breaker.acquire()


def test_a_server_that_went_is_asked_again_after_a_pause_that_grows(
    breaker: Breaker, line: Losable, clock: Clock
) -> None:
    line.cut = True
    for pause, asked in ((0, 1), (PAUSE, 2), (PAUSE, 2), (PAUSE, 3), (100, 4), (7.9, 4), (0.2, 5)):
        clock.now += pause
        for _ in range(20):
            breaker.room()
        assert line.asked == asked


@pytest.mark.race
def test_a_server_that_hangs_costs_a_quarter_of_a_second_once(tmp_path: Path, dependency: str) -> None:
    here = home.Home.of(tmp_path, *home.binaries())
    with running_valkey(here, "secret") as port:
        pid = int((here.folder / "valkey" / "valkey.pid").read_text())
        breaker = breaker_on(
            Server(connect(f"redis://:secret@127.0.0.1:{port}/0"), Reach()), dependency, BreakerOptions()
        )
        fail(breaker, 2)
        os.kill(pid, signal.SIGSTOP)
        try:
            before = time.monotonic()
            for _ in range(2):
                for _ in range(100):
                    breaker.acquire().succeeded()
            took = time.monotonic() - before
            assert breaker.state().alone
        finally:
            os.kill(pid, signal.SIGCONT)
        assert TIMEOUT <= took < TIMEOUT + 0.25
        deadline = time.monotonic() + 5
        while breaker.state().alone:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert breaker.state().failures == 2


class Slow:
    """An account that hangs until told; counts who waits for it."""

    def __init__(self) -> None:
        self.waiting = threading.Semaphore(0)
        self.go_on = threading.Event()

    def acquire(self) -> Answer:
        self.waiting.release()
        self.go_on.wait(5)
        raise LostConnection

    def record(self, outcome: Outcome, *, generation: int | None, token: str) -> Answer:
        raise LostConnection

    def report_open(self, seconds: float) -> Answer:
        raise LostConnection

    def reset(self) -> Answer:
        raise LostConnection

    def read(self) -> Answer:
        raise LostConnection


def test_while_one_asks_again_the_others_do_not_wait(dependency: str, clock: Clock) -> None:
    slow = Slow()
    breaker = Breaker(dependency, slow, OwnAccount(BreakerOptions()), Reach(clock=clock))
    breaker.room()
    clock.now += PAUSE
    with ThreadPoolExecutor(1) as pool:
        asking = pool.submit(breaker.acquire)
        assert slow.waiting.acquire(timeout=5)
        breaker.acquire().succeeded()  # would wait for the one who asks, and time out
        assert not asking.done()
        slow.go_on.set()
        asking.result().succeeded()


def test_a_breaker_is_the_same_for_everybody_in_a_process() -> None:
    name = f"test:{uuid.uuid4().hex}"
    assert breaker_of(name) is breaker_of(name)
    with pytest.raises(ValueError, match="cannot name"):
        breaker_of("Nobody's name")
