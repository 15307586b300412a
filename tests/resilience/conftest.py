"""A clock that moves when told, the real Valkey, and the two accounts that must keep the same rules."""

import os
import uuid
from collections.abc import Callable, Iterator

import pytest
from redis import Redis

from mediconnect.resilience.breaker.fleet import SharedAccount
from mediconnect.resilience.breaker.own import OwnAccount
from mediconnect.resilience.breaker.rules import Account, BreakerOptions
from mediconnect.resilience.reach import connect

Accounts = Callable[[BreakerOptions], Account]


class Clock:
    """A clock that moves when told, in seconds."""

    def __init__(self) -> None:
        self.now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def valkey() -> Iterator[Redis]:
    client = connect(os.environ["REDIS_URL"])
    yield client
    client.close()


@pytest.fixture
def dependency() -> str:
    """Return the name of a dependency that nobody else calls."""
    return f"test:{uuid.uuid4().hex}"


@pytest.fixture(params=["shared", "own"])
def accounts(request: pytest.FixtureRequest, valkey: Redis, clock: Clock, dependency: str) -> Accounts:
    """Return what makes an account: the fleet's in Valkey, or one process's own."""
    if request.param == "shared":
        return lambda options: SharedAccount(valkey, dependency, options, clock=clock)
    return lambda options: OwnAccount(options, clock=clock)


@pytest.fixture
def account(accounts: Accounts) -> Account:
    return accounts(BreakerOptions())
