"""PostgreSQL and Valkey for one run of the tests: started before the settings are read, stopped at its end.

A plugin of its own, since settings are read before any conftest.py. The process that distributes the tests starts the
servers once; its workers inherit the addresses, and each takes its own database and its own Valkey number.
"""

import os
import re
from collections.abc import Generator, Iterator
from contextlib import ExitStack

import pytest

from mediconnect.development.stack import DATA, new_keys
from mediconnect.embedded import first_free

_MARK = "MEDICONNECT_TEST_SERVERS"
_running = ExitStack()


def _variables() -> Iterator[tuple[str, str]]:
    yield "DJANGO_SETTINGS_MODULE", "mediconnect.settings"
    yield "DEBUG", "true"  # cookies and redirects for plain HTTP; Django's test runner turns settings.DEBUG off again
    yield from new_keys().items()
    yield from _running.enter_context(first_free(DATA / "test", durable=False)).environment().items()
    yield _MARK, "started"


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests() -> Generator[None, object, object]:
    """Put servers and keys into the environment; a wrapper, since it must run before pytest-django reads settings."""
    worker = re.fullmatch(r"gw(\d+)", os.environ.get("PYTEST_XDIST_WORKER", ""))
    if worker is not None:
        os.environ["REDIS_URL"] = re.sub(r"/\d+$", f"/{int(worker[1]) + 1}", os.environ["REDIS_URL"])
    elif _MARK not in os.environ:
        os.environ.update(_variables())
    return (yield)


def pytest_unconfigure() -> None:
    """Stop the servers."""
    _running.close()
