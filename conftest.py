"""What every test gets: no network, an empty cache, and races that run one after the other."""

import fcntl
from collections.abc import Iterator

import pytest
from django.core.cache import cache
from django.test import override_settings
from hypothesis import HealthCheck, settings

from mediconnect.development.stack import DATA
from tests import network
from tests.counts import rounds

# A shared machine may stall for a second at any time, so no example is failed for being slow.
settings.register_profile(
    "house",
    deadline=None,
    max_examples=rounds(quick=50, full=500),
    suppress_health_check=[HealthCheck.too_slow],
    print_blob=True,
)
settings.load_profile("house")


@pytest.fixture(autouse=True)
def _one_race_at_a_time(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let races wait for each other across processes: two at once would fight for the cores and measure each other.

    A lock and no group of the distributor's: pytest 9.2 no longer reads what that renames.
    """
    if request.node.get_closest_marker("race") is None:
        yield
        return
    with (DATA / "test" / "races.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session", autouse=True)
def _no_network() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        network.forbid(patch)
        yield


@pytest.fixture(scope="session", autouse=True)
def _cheap_passwords() -> Iterator[None]:
    """Hash passwords cheaply: a test makes many people, and how slow a hash is has tests of its own."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    cache.clear()
