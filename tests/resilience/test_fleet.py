"""Ten processes against a dead service make no more calls than one would, but for those already under way."""

import os
import socketserver
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from math import ceil

import pytest

from tests.resilience.fleet import WORKERS

WAIT = 1.5
SECONDS = 6.0


class Dead(socketserver.BaseRequestHandler):
    """Takes each call, thinks, and hangs up."""

    def handle(self) -> None:
        assert isinstance(self.server, Service)
        self.server.calls.append(time.monotonic())
        time.sleep(0.1)


class Service(socketserver.ThreadingTCPServer):
    """The dead service, with the moments of its calls."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Dead)
        self.calls: list[float] = []


@pytest.fixture
def service() -> Iterator[Service]:
    with Service() as service:
        thread = threading.Thread(target=service.serve_forever)
        thread.start()
        yield service
        service.shutdown()
        thread.join()


def call_it(service: Service, kind: str, seconds: float, wait: float) -> list[float]:
    """Let the fleet call; return the moments of the calls, from the first on."""
    port = str(service.server_address[1])
    subprocess.run(
        [
            sys.executable,
            "-m",
            "tests.resilience.fleet",
            kind,
            f"test:{uuid.uuid4().hex}",
            port,
            str(seconds),
            str(wait),
        ],
        check=True,
        env=dict(os.environ),
        timeout=60,
        stderr=subprocess.DEVNULL,
    )
    return [moment - service.calls[0] for moment in service.calls]


@pytest.mark.race
def test_ten_processes_make_fourteen_calls_at_most_then_two_per_wait(service: Service) -> None:
    calls = call_it(service, "shared", SECONDS, WAIT)
    first = [moment for moment in calls if moment < WAIT]
    later = [moment for moment in calls if moment >= WAIT]
    assert 5 <= len(first) <= 5 + WORKERS - 1
    assert 2 <= len(later) <= 2 * ceil(SECONDS / WAIT)
    # A little less than the wait: of two trials the later may begin just before the earlier one fails.
    for moment in later:
        assert sum(moment <= other < moment + 0.7 * WAIT for other in later) <= 2


@pytest.mark.race
def test_control_processes_that_count_by_themselves_make_fifty(service: Service) -> None:
    assert len(call_it(service, "own", 2, 30)) == 5 * WORKERS
