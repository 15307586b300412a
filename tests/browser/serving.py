"""The house as a browser meets it: our own application behind a server of many threads, on this machine alone."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any, Final

from django.core.signals import request_finished, request_started
from pytest_django.live_server_helper import LiveServer

_PATIENCE: Final = 10.0  # seconds; no request of ours may take as long
# The figures, not the name: a browser asks for IPv6 first where it is told a name.
_ADDRESS: Final = "127.0.0.1"


class Traffic:
    """How many requests are under way in this process."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._under_way = 0

    def started(self, **_signal: Any) -> None:
        """Count one in."""
        with self._lock:
            self._under_way += 1

    def finished(self, **_signal: Any) -> None:
        """Count one out."""
        with self._lock:
            self._under_way -= 1

    def await_silence(self) -> None:
        """Return once no request is under way: the tables are emptied next. Raises TimeoutError."""
        deadline = time.monotonic() + _PATIENCE
        while self._under_way > 0:
            if time.monotonic() > deadline:
                raise TimeoutError(f"{self._under_way} requests were still under way {_PATIENCE:.0f} s after the test.")
            time.sleep(0.01)


@contextmanager
def serving() -> Iterator[tuple[LiveServer, Traffic]]:
    """Yield the running server and its traffic."""
    traffic = Traffic()
    request_started.connect(traffic.started)
    request_finished.connect(traffic.finished)
    server = LiveServer(_ADDRESS)
    try:
        yield server, traffic
    finally:
        server.stop()
        request_started.disconnect(traffic.started)
        request_finished.disconnect(traffic.finished)
