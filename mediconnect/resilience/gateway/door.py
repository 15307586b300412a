"""The door itself: asks the breaker, frees the database, waits for the switchboard, and tells the breaker how it went."""

import base64
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from typing import Final, Protocol
from urllib.parse import urlsplit

from django.db import connections

from mediconnect.resilience.breaker import breaker_of
from mediconnect.resilience.gateway.exchange import exchange
from mediconnect.resilience.gateway.guarding import Guard
from mediconnect.resilience.gateway.observing import Observed, observed
from mediconnect.resilience.gateway.progress import Progress
from mediconnect.resilience.gateway.switchboard import Switchboard, switchboard
from mediconnect.resilience.gateway.terms import REAL_TIME, Answer, Limits, Request
from mediconnect.resilience.outside import Forbidden, OutsideError, Refused, TimedOut
from mediconnect.telemetry import request_id as request_ids

# Seconds after the deadline in which the loop should have said so itself. Should it not, the caller leaves without it:
# reliability S-1 allows half a second.
_GRACE: Final = 0.4


class Permit(Protocol):
    """Leave for one call; see the breaker's."""

    def succeeded(self) -> None:
        """Say that the service answered."""

    def failed(self) -> None:
        """Say that it did not."""

    def released(self) -> None:
        """Say that nobody knows."""


class Breaker(Protocol):
    """Gives leave, or raises."""

    def acquire(self) -> Permit:
        """Return leave for one call."""
        ...


class HoldsTransaction(RuntimeError):
    """A programmer's error: somebody else's service would decide how long our locks are held."""


class Gateway:
    """The door to one service."""

    def __init__(
        self,
        name: str,
        *,
        breaker: Breaker | None = None,
        board: Switchboard | None = None,
        guard: Guard | None = None,
    ) -> None:
        """Go by this service's breaker, through this process's switchboard; `breaker` and `board` stand in for them.

        `guard` is for addresses that somebody else typed: what it forbids is not called.
        """
        self.name = name
        self._breaker = breaker or breaker_of(name)
        self._board, self._guard = board, guard

    def call(
        self,
        method: str,
        url: str,
        *,
        route: str,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        auth: tuple[str, str] | None = None,
        limits: Limits = REAL_TIME,
        sound: Callable[[Answer], object] | None = None,
        reads: bool = True,
        attempt: int = 1,
        request_id: str = "",
        traceparent: str = "",
    ) -> Answer:
        """Send the request and return the answer, a 2xx or 304, within `limits.total` and half a second. Nothing is retried.

        `route` names the call in logs and metrics: no ids and no addresses. `sound` raises `ValueError` for an answer
        that cannot be this service's; with `reads=False` no body is read, and a status is all the answer. `auth` is a name
        and a password. This thread's database connections are given
        back before it waits. Raises `OutsideError` children, `NotPermitted` while the breaker is open,
        `HoldsTransaction` inside a transaction, `ValueError` for what is no address.
        """
        if urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname:
            raise ValueError("That is no address that can be called.")
        if self._guard is not None:
            self._guard.check_url(url)
        written = _headers(headers or {}, auth, request_id, traceparent)
        request = Request(method.upper(), url, written, body, limits, sound, reads)
        leave_database()
        permit = self._breaker.acquire()
        try:
            with observed(Observed(self.name, request.method, route, attempt)) as seen:
                answer = self._wait(request)
                seen.status = answer.status
        except Refused:
            permit.succeeded()
            raise
        except Forbidden:
            permit.released()
            raise
        except OutsideError:
            permit.failed()
            raise
        except BaseException:
            permit.released()
            raise
        permit.succeeded()
        return answer

    def _wait(self, request: Request) -> Answer:
        board, progress = self._board or switchboard(self._guard), Progress()
        future = board.start(exchange(board.session, request, progress))
        try:
            return future.result(request.limits.total + _GRACE)
        except (TimeoutError, CancelledError):
            ambiguous = progress.sent and not request.is_safe
            raise TimedOut("total", sent=progress.sent, ambiguous=ambiguous) from None
        finally:
            future.cancel()  # an interrupted caller leaves nothing running behind it


def gateway(name: str) -> Gateway:
    """Return the door to a service: `twilio`, `sendgrid`, `ehr:northside`. Raises `ValueError` for what is no such name."""
    return Gateway(name)


def leave_database() -> None:
    """Give this thread's database connections back. Raises `HoldsTransaction` where one is inside a transaction.

    The transaction that a test case puts around itself does not count, as with Django's `durable`: it is no code of ours.
    """
    for connection in connections.all(initialized_only=True):
        if not connection.in_atomic_block:
            connection.close()
        elif not getattr(connection.atomic_blocks[-1], "_from_testcase", False):
            raise HoldsTransaction("No call to a service outside while a transaction is open.")


def _headers(
    given: Mapping[str, str], auth: tuple[str, str] | None, request_id: str, traceparent: str
) -> dict[str, str]:
    """Return the headers with those that every call has."""
    headers = {name: value for name, value in given.items() if name.lower() != "accept-encoding"}
    headers["Accept-Encoding"] = "identity"
    identifier = request_id or request_ids.current_request_id()
    if identifier:
        headers[request_ids.HEADER] = identifier
    if traceparent:
        headers["traceparent"] = traceparent
    if auth is not None:
        headers["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
    return headers
