"""What is noted of each call: one line, some counts. Never its URL, headers or bodies."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Final

import structlog

from mediconnect.resilience.outside import OutsideError, TimedOut
from mediconnect.telemetry import counting

log: Final = structlog.get_logger(__name__)


@dataclass(slots=True)
class Observed:
    """A call while it runs. `status` is filled in by whoever gets an answer."""

    service: str
    method: str
    route: str
    attempt: int
    status: int | None = None


@contextmanager
def observed(call: Observed) -> Iterator[Observed]:
    """Note how the call inside ends and how long it took. A span around calls begins and ends here as well."""
    began = time.monotonic()
    outcome, code = "aborted", ""
    try:
        yield call
        outcome = "succeeded"
    except OutsideError as error:
        outcome, code = error.outcome, error.code
        if isinstance(error, TimedOut):
            counting.external_timeouts.labels(call.service, error.phase).inc()
        raise
    finally:
        seconds = time.monotonic() - began
        counting.external_calls.labels(call.service, outcome).inc()
        counting.external_call_seconds.labels(call.service).observe(seconds)
        log.info(
            "called outside",
            service=call.service,
            method=call.method,
            route=call.route,
            outcome=outcome,
            status=call.status,
            code=code,
            seconds=round(seconds, 3),
            attempt=call.attempt,
        )
