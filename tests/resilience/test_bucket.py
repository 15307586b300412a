"""A bucket lets through its burst and its rate and nothing more, for the fleet's and one process's own alike."""

import threading
import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as LostConnection

from mediconnect.resilience.bucket import (
    Lowered,
    OwnTokens,
    SafeTokens,
    SharedTokens,
    Terms,
    TokenBucket,
    Tokens,
)
from mediconnect.resilience.budget import CAPACITY, DEPOSIT, PER_SECOND, RetryBudget
from mediconnect.resilience.reach import Reach
from tests.resilience.conftest import Clock

Holder = Callable[[Terms], Tokens]


@pytest.fixture(params=["shared", "own"])
def holder(request: pytest.FixtureRequest, valkey: Redis, clock: Clock) -> Holder:
    """Return what holds tokens: Valkey for the fleet, or one process for itself."""
    if request.param == "shared":
        return lambda terms: SharedTokens(valkey, uuid.uuid4().hex, terms, clock=clock)
    return lambda terms: OwnTokens(terms, clock=clock)


def bucket_on(tokens: Tokens, rate: float, burst: int) -> TokenBucket:
    return TokenBucket("test", rate, burst, tokens=tokens)


@pytest.fixture
def bucket(holder: Holder) -> TokenBucket:
    return bucket_on(holder(Terms(2, 5, 5)), 2, 5)


def test_a_burst_then_the_rate(bucket: TokenBucket, clock: Clock) -> None:
    assert [bucket.take() for _ in range(5)] == [0] * 5
    assert bucket.take() == pytest.approx(0.5)
    assert bucket.take(4) == pytest.approx(2)
    clock.now += 0.5
    assert bucket.take() == 0
    assert bucket.take() > 0


def test_what_is_told_to_wait_is_enough_and_not_too_much(holder: Holder, clock: Clock) -> None:
    bucket = bucket_on(holder(Terms(500 / 60, 50, 50)), 500 / 60, 50)
    assert bucket.take(50) == 0
    for n in (1, 7, 50, 3):
        wait = bucket.take(n)
        assert wait == pytest.approx(n / (500 / 60), abs=0.002)
        clock.now += wait - 0.01
        assert bucket.take(n) > 0
        clock.now += 0.011
        assert bucket.take(n) == 0


def test_nothing_is_taken_where_there_is_not_enough(bucket: TokenBucket) -> None:
    assert bucket.take(3) == 0
    assert bucket.take(3) > 0
    assert bucket.take(2) == 0


def test_as_many_as_there_are(bucket: TokenBucket, clock: Clock) -> None:
    assert bucket.take_up_to(3) == 3
    assert bucket.take_up_to(3) == 2
    assert bucket.take_up_to(3) == 0
    assert bucket.take_up_to(0) == 0
    clock.now += 1
    assert bucket.take_up_to(10) == 2


def test_a_long_rest_saves_a_burst_and_no_more(bucket: TokenBucket, clock: Clock) -> None:
    bucket.take(5)
    clock.now += 100_000
    assert bucket.take_up_to(100) == 5


@pytest.mark.parametrize("n", [0, -1, 6])
def test_more_than_it_ever_holds_is_refused(bucket: TokenBucket, n: int) -> None:
    with pytest.raises(ValueError, match="at most"):
        bucket.take(n)


@pytest.mark.parametrize(("rate", "burst"), [(0, 5), (-1, 5), (1, 0)])
def test_a_bucket_lets_something_through(rate: float, burst: int) -> None:
    with pytest.raises(ValueError, match="wall"):
        TokenBucket("test", rate, burst)


def test_a_vendors_word_lowers_it_for_a_while(bucket: TokenBucket, clock: Clock) -> None:
    bucket.lower(0.5, 10)
    assert bucket.take() == pytest.approx(2)
    clock.now += 8
    assert bucket.take_up_to(10) == 4
    clock.now += 3  # two of them slow, one fast
    assert bucket.take_up_to(10) == 3


def test_a_pause_lets_nothing_through_and_says_until_when(bucket: TokenBucket, clock: Clock) -> None:
    bucket.lower(0, 120)
    assert bucket.take() == pytest.approx(120.5)
    clock.now += 120.4
    assert bucket.take_up_to(5) == 0
    clock.now += 0.1
    assert bucket.take_up_to(5) == 1


def test_of_two_words_the_stricter_holds(bucket: TokenBucket, clock: Clock) -> None:
    bucket.lower(0.1, 20)
    bucket.lower(1, 5)
    clock.now += 19.9
    assert bucket.take_up_to(5) == 1
    clock.now += 0.2
    bucket.lower(100, 5)
    assert bucket.take(2) == pytest.approx(1)  # never faster than the bucket itself


@pytest.mark.parametrize("step", [-3600, -1, 3600])
def test_a_step_of_the_servers_clock_neither_wedges_nor_floods(valkey: Redis, clock: Clock, step: float) -> None:
    bucket = bucket_on(SharedTokens(valkey, uuid.uuid4().hex, Terms(2, 5, 5), clock=clock), 2, 5)
    assert bucket.take(5) == 0
    clock.now += step
    assert bucket.take_up_to(100) <= 5
    assert bucket.take() <= 0.5
    clock.now += 1
    assert bucket.take_up_to(100) == 2


@pytest.mark.race
def test_twenty_at_once_take_what_there_is_and_not_one_more(valkey: Redis) -> None:
    tokens = SharedTokens(valkey, uuid.uuid4().hex, Terms(0.001, 50, 50))
    start = threading.Barrier(20)

    def take(_: int) -> int:
        start.wait()
        return sum(tokens.use(want=1, least=1)[0] for _ in range(5))

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(take, range(20))) == 50


@pytest.mark.race
def test_control_reading_then_writing_takes_more(valkey: Redis) -> None:
    key = uuid.uuid4().hex
    valkey.set(key, 10)
    start = threading.Barrier(20)

    def take(_: int) -> int:
        start.wait()
        left = int(valkey.get(key) or 0)
        time.sleep(0.01)
        if left > 0:
            valkey.set(key, left - 1)
        return int(left > 0)

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(take, range(20))) > 10


class Gone:
    """Tokens on a server that is away."""

    def use(
        self, *, want: int = 0, least: int = 0, give: float = 0, lowered: Lowered | None = None
    ) -> tuple[int, float]:
        raise LostConnection


def test_without_redis_each_process_lets_its_share_through(clock: Clock) -> None:
    own = OwnTokens(Terms(500 / 60, 50, 50).shared_by(6), clock=clock)
    bucket = bucket_on(SafeTokens(Gone(), own, Reach(clock=clock)), 500 / 60, 50)
    through = 0
    for _ in range(600):
        through += bucket.take_up_to(50)
        clock.now += 0.1
    assert (500 / 6) - 1 <= through <= 500 / 6 + 50 / 6 + 1


def test_a_vendors_word_holds_when_redis_goes(valkey: Redis, clock: Clock) -> None:
    terms = Terms(2, 5, 5)
    shared = SharedTokens(valkey, uuid.uuid4().hex, terms, clock=clock)
    own = OwnTokens(terms, clock=clock)
    bucket_on(SafeTokens(shared, own, Reach(clock=clock)), 2, 5).lower(0, 60)
    assert bucket_on(SafeTokens(Gone(), own, Reach(clock=clock)), 2, 5).take() == pytest.approx(60.5)


def test_buckets_of_one_name_are_one(valkey: Redis) -> None:
    name = uuid.uuid4().hex
    one, other = (TokenBucket(name, 0.001, 5) for _ in range(2))
    assert one.take(3) == 0
    assert other.take_up_to(5) == 2
    assert 0 < int(valkey.pttl(f"bucket:1:{name}")) <= 5 / 0.001 * 1000 + 60_000


# ---- retries ----


@pytest.fixture
def budget(holder: Holder) -> RetryBudget:
    return RetryBudget("test", tokens=holder(Terms(PER_SECOND, CAPACITY, 0)))


def test_a_tenth_of_requests_may_be_tried_again(budget: RetryBudget) -> None:
    assert not budget.may_retry()
    for _ in range(100):
        budget.spent_by_request()
    assert [budget.may_retry() for _ in range(11)] == [True] * 10 + [False]


def test_and_one_each_second(budget: RetryBudget, clock: Clock) -> None:
    budget.spent_by_request()
    retries = 0
    for _ in range(100):
        clock.now += 0.1
        retries += sum(budget.may_retry() for _ in range(5))
    assert retries == 10


def test_a_good_hour_is_not_spent_in_a_bad_second(budget: RetryBudget, clock: Clock) -> None:
    for _ in range(5000):
        budget.spent_by_request()
    clock.now += 3600
    assert sum(budget.may_retry() for _ in range(100)) == CAPACITY


def test_over_an_outage_retries_stay_within_their_bound(budget: RetryBudget, clock: Clock) -> None:
    requests = retries = 0
    for _ in range(600):  # a minute of ten requests a second, each of which would be tried again three times
        requests += 1
        budget.spent_by_request()
        retries += sum(budget.may_retry() for _ in range(3))
        clock.now += 0.1
    assert retries <= DEPOSIT * requests + PER_SECOND * 60 + 1


def test_budgets_of_one_name_are_one() -> None:
    name = uuid.uuid4().hex
    for _ in range(100):
        RetryBudget(name).spent_by_request()
    assert sum(RetryBudget(name).may_retry() for _ in range(20)) in (10, 11)
