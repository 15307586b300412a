"""One breaker per dependency: leave to call, asked of the fleet's account, or of this process's own while Redis is away."""

import datetime as dt
import threading
import time
import uuid
from collections.abc import Callable
from functools import lru_cache
from typing import Final

import structlog
from django.conf import settings
from django.utils import timezone
from redis import Redis

from mediconnect.resilience.errors import NoSuchBreaker
from mediconnect.resilience.reach import Away, Reach, Server, server
from mediconnect.telemetry import counting

from . import forcing
from .fleet import NAMES, SharedAccount
from .forced import hear, known_force
from .own import OwnAccount
from .rules import OPTIONS, Account, Answer, BreakerOptions, BreakerStatus, Outcome, checked_name, options_of

log: Final = structlog.get_logger(__name__)


class NotPermitted(Exception):
    """The breaker keeps the call from being made: no attempt was spent. Ask again in `retry_after` seconds."""

    def __init__(self, name: str, retry_after: float) -> None:
        super().__init__(f"{name} is not to be called for {retry_after:.1f} s")
        self.name, self.retry_after = name, retry_after


class Permit:
    """Leave for one call. Say once how it ended; what is said later does nothing, and what is never said expires."""

    def __init__(self, tell: Callable[[Outcome], object]) -> None:
        """Hand the outcome to `tell`."""
        self._tell: Callable[[Outcome], object] | None = tell
        self._lock = threading.Lock()

    def succeeded(self) -> None:
        """The dependency answered, be it with a refusal of this one message (a 4xx)."""
        self._end("succeeded")

    def failed(self) -> None:
        """The dependency did not answer properly: out of time, no connection, 5xx, 429, garbage."""
        self._end("failed")

    def released(self) -> None:
        """The call says nothing about the dependency, or was not made: the permit goes back."""
        self._end("released")

    def _end(self, outcome: Outcome) -> None:
        with self._lock:
            tell, self._tell = self._tell, None
        if tell is not None:
            tell(outcome)


class Breaker:
    """The breaker of one dependency. Its methods never raise for a lost Redis."""

    def __init__(
        self,
        name: str,
        shared: Account,
        own: Account,
        reach: Reach,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `shared` where `reach` lets it, else `own`; `clock` says how old an answer is, in seconds."""
        self.name = name
        self._shared, self._own, self._reach, self._clock = shared, own, reach, clock
        self._lock = threading.Lock()
        self._alone = False
        self._last: tuple[Answer, float] | None = None

    def acquire(self) -> Permit:
        """Return leave to make one call now. Raises `NotPermitted` while the breaker is open or its trial calls are out."""
        answer, account = self._ask(lambda account: account.acquire())
        if not answer.admitted:
            counting.breaker_not_permitted.labels(self.name).inc()
            raise NotPermitted(self.name, answer.wait)
        return Permit(lambda outcome: self._record(outcome, answer, account))

    def room(self) -> int:
        """Return how many calls may start now: `PLENTY` when closed, 0 when open, the permits left in between.

        For whoever claims work: what cannot be sent need not be claimed. It is no leave; `acquire` is.
        """
        return self._ask(lambda account: account.read())[0].room

    def state(self) -> BreakerStatus:
        """Return what the breaker says now."""
        answer, account = self._ask(lambda account: account.read())
        return BreakerStatus(
            name=self.name,
            state=answer.state,
            since=timezone.now() - dt.timedelta(seconds=answer.since),
            retry_after=answer.wait,
            forced=bool(answer.forced),
            failures=answer.failures,
            calls=answer.calls,
            reason="by hand" if answer.forced else answer.why,
            alone=account is self._own,
        )

    def force_open(self, reason: str, by: uuid.UUID | None) -> None:
        """Let no call through until reset, whatever happens to processes and Redis. Kept with who and why.

        Raises `ReasonMissing` for an empty reason. `by` is a user's id, None at the command line.
        """
        forcing.decide_by_hand(self.name, "forced_open", reason=reason, by_id=by)

    def force_closed(self, reason: str, by: uuid.UUID | None) -> None:
        """Let every call through until reset, whatever fails. Kept, and refused, as `force_open` is."""
        forcing.decide_by_hand(self.name, "forced_closed", reason=reason, by_id=by)

    def reset(self, reason: str, by: uuid.UUID | None) -> None:
        """Let it count for itself again, from nothing and closed. Kept, and refused, as `force_open` is."""
        forcing.decide_by_hand(self.name, "automatic", reason=reason, by_id=by)
        self._own.reset()
        self._ask(lambda account: account.reset())

    def _record(self, outcome: Outcome, admitted: Answer, by: Account) -> None:
        counting.breaker_calls.labels(self.name, outcome).inc()
        # Another account's numbers say nothing to this one.
        self._ask(
            lambda account: account.record(
                outcome,
                generation=admitted.generation if account is by else None,
                token=admitted.token if account is by else "",
            )
        )

    def _ask(self, question: Callable[[Account], Answer]) -> tuple[Answer, Account]:
        try:
            answer, account = self._reach.ask(lambda: self._of_the_fleet(question)), self._shared
        except Away:
            self._go_alone()
            answer, account = question(self._own), self._own
        self._notice(answer)
        return answer, account

    def _of_the_fleet(self, question: Callable[[Account], Answer]) -> Answer:
        if self._alone:
            self._come_back()
        answer = question(self._shared)
        self._last = answer, self._clock()
        hear(self.name, answer.forced)
        return answer

    def _go_alone(self) -> None:
        """Begin with what the fleet last knew: a dependency that is down does not come up because Redis went."""
        with self._lock:
            if self._alone:
                return
            self._alone = True
            self._own.reset()
            if self._last is not None and self._last[0].state in ("open", "half_open"):
                answer, at = self._last
                self._own.report_open(max(0.0, answer.wait - (self._clock() - at)))

    def _come_back(self) -> None:
        """Tell the fleet what was found out alone, if that is that the dependency is down; for the rest the fleet is right."""
        with self._lock:
            if not self._alone:
                return
            own = self._own.read()
            if own.state in ("open", "half_open"):
                self._notice(self._shared.report_open(own.wait))
            self._alone = False

    def _notice(self, answer: Answer) -> None:
        """Count and tell each change of state that this question caused."""
        counting.breaker_state.labels(self.name).set(counting.BREAKER_STATES[answer.state])
        for old, new, why in answer.moves:
            counting.breaker_transitions.labels(self.name, old, new).inc()
            log.warning("breaker changed", breaker=self.name, old=old, new=new, why=why)


def breaker_of(name: str) -> Breaker:
    """Return the breaker of a dependency (`twilio`, `ehr:northside`), the same for every caller in this process.

    Raises `ValueError` for a name that could not be a metric's label.
    """
    return _breaker(name, settings.REDIS_URL)


@lru_cache(maxsize=256)
def _breaker(name: str, url: str) -> Breaker:
    return breaker_on(server(), name, options_of(name))


def breaker_on(where: Server, name: str, options: BreakerOptions) -> Breaker:
    """Return a new breaker that keeps its account on this server."""
    checked_name(name)
    return Breaker(
        name,
        SharedAccount(where.client, name, options, known=lambda: known_force(name)),
        OwnAccount(options, forced=lambda: known_force(name)),
        where.reach,
    )


def known_breakers() -> list[str]:
    """Return the names of the breakers that anybody ever asked, and of those that are always there, in order.

    While Redis is away: the latter alone, and what is forced.
    """
    where = server()
    try:
        asked = {name.decode() for name in where.reach.ask(lambda: _members(where.client))}
    except Away:
        asked = set()
    return sorted(asked | {name for name in OPTIONS if name != "ehr"} | forcing.decided())


def find_breaker(name: str) -> Breaker:
    """Return the breaker for somebody who typed its name. Raises `NoSuchBreaker` for one that nothing is called by."""
    of_a_kind = name.partition(":")[0] in OPTIONS and ":" in name
    if name not in known_breakers() and not of_a_kind:
        raise NoSuchBreaker
    try:
        return breaker_of(name)
    except ValueError as error:
        raise NoSuchBreaker from error


def _members(client: Redis) -> set[bytes]:
    members: set[bytes] = client.smembers(NAMES)  # type: ignore[assignment]  # not awaited: the client is synchronous
    return members
