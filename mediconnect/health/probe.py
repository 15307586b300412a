"""The probe: asks the checks in the background, so that a storm of health requests costs the database nothing."""

import asyncio
import logging
import os
import threading
import time
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Final

from health_check.base import HealthCheck

log = logging.getLogger(__name__)

INTERVAL: Final = 2.5
"""Seconds between two rounds: two web processes make less than one statement a second, and no answer is over 5 s old."""

STALE: Final = 6.0
"""Seconds. An older result means that a round hangs, which is an answer too: not ready."""

_IDLE: Final = 120.0
"""Seconds without a question after which the probe rests; a balancer asks each 30."""


@dataclass(frozen=True, slots=True)
class Result:
    """What the last round found: the name of each check and whether it passed. No reasons: callers may be anybody."""

    passed: Mapping[str, bool]
    at: float


class Probe:
    """Runs named checks in rounds. The first question starts it and waits for the first round, three seconds at most."""

    def __init__(self, checks: Mapping[str, HealthCheck]) -> None:
        """Prepare; nothing runs before the first question, since a web process may still fork."""
        self._checks = checks
        self._lock = threading.Lock()
        self._pid = 0
        self._asked_at = 0.0
        self._result = Result({}, float("-inf"))
        self._first_round = threading.Event()

    def latest(self) -> Mapping[str, bool]:
        """Return which checks passed; all failed if the last round is older than `STALE`. Returns within 3 seconds."""
        self._asked_at = time.monotonic()
        self._ensure_running()
        self._first_round.wait(3.0)
        result = self._result
        if time.monotonic() - result.at > STALE:
            return dict.fromkeys(self._checks, False)
        return result.passed

    def _ensure_running(self) -> None:
        with self._lock:
            if self._pid == os.getpid():
                return
            self._pid = os.getpid()
            self._first_round.clear()
            threading.Thread(target=self._run, name="health-probe", daemon=True).start()

    def _run(self) -> None:
        executor = ThreadPoolExecutor(max_workers=2 * len(self._checks), thread_name_prefix="health-check")
        while time.monotonic() - self._asked_at < _IDLE:
            self._round(executor)
            time.sleep(INTERVAL)
        with self._lock:
            self._pid = 0
        executor.shutdown(wait=False)

    def _round(self, executor: ThreadPoolExecutor) -> None:
        results = asyncio.run(_ask(list(self._checks.values()), executor))
        before, self._result = self._result, Result(dict(zip(self._checks, results, strict=True)), time.monotonic())
        self._first_round.set()
        for name, fine in self._result.passed.items():
            if before.passed.get(name, True) != fine:
                log.log(
                    logging.INFO if fine else logging.ERROR,
                    "health check %s %s",
                    name,
                    "passes again" if fine else "failed",
                )


async def _ask(checks: list[HealthCheck], executor: ThreadPoolExecutor) -> list[bool]:
    results = await asyncio.gather(*(check.get_result(executor) for check in checks))
    return [result.error is None for result in results]
