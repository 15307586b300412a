"""Admit so many requests in any minute and not one more, however many arrive at once."""

import threading
import time
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from math import ceil
from typing import Protocol, cast

from django.conf import settings
from redis import Redis
from redis.commands.core import Script

from mediconnect.resilience.reach import Away, Reach, connect

# Callers that one process counts for while it is on its own; the longest idle is forgotten first.
REMEMBERED = 10_000

# The moments of the admitted requests, oldest first, at most `limit` of them. A request is admitted when there is
# room or when the oldest lies a whole window back, so no window of any position holds more than the limit. The
# server's clock decides, so hosts need not agree. One script: nothing comes between question and entry.
_TAKE = """
local now = redis.call('TIME')
local at = now[1] * 1000000 + now[2]
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
if redis.call('LLEN', KEYS[1]) >= limit then
    local wait = tonumber(redis.call('LINDEX', KEYS[1], 0)) + window - at
    if wait > 0 then return wait end
    redis.call('LPOP', KEYS[1])
end
redis.call('RPUSH', KEYS[1], string.format('%.0f', at))
redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
return 0
"""


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a request may go on; if not, in how many whole seconds to try again. `alone`: counted by this process."""

    allowed: bool
    retry_after: int = 0
    alone: bool = False


class Counter(Protocol):
    """Counts requests."""

    def wait(self, key: str) -> float:
        """Admit a request and return 0, or return the seconds until one would be admitted."""
        ...


class SharedCounter:
    """Counts in Redis for all processes together. Raises `RedisError` where that cannot be done in time."""

    def __init__(self, client: Redis, *, limit: int, window: float) -> None:
        """Count with this client; `window` in seconds."""
        self._script: Script = client.register_script(_TAKE)
        self._arguments = [limit, int(window * 1_000_000)]

    def wait(self, key: str) -> float:
        """Admit a request and return 0, or return the seconds until one would be admitted."""
        return cast("int", self._script(keys=[f"rate:1:{key}"], args=self._arguments)) / 1_000_000


class OwnCounter:
    """Counts in this process alone, with the same rule."""

    def __init__(self, *, limit: int, window: float, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `limit` requests in any `window` seconds of this clock."""
        self._limit, self._window, self._clock = limit, window, clock
        self._moments: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def wait(self, key: str) -> float:
        """Admit a request and return 0, or return the seconds until one would be admitted."""
        with self._lock:
            now = self._clock()
            moments = self._moments.setdefault(key, deque())
            self._moments.move_to_end(key)
            if len(self._moments) > REMEMBERED:
                self._moments.popitem(last=False)
            if len(moments) >= self._limit:
                left = moments[0] + self._window - now
                if left > 0:
                    return left
                moments.popleft()
            moments.append(now)
            return 0.0


class RateLimiter:
    """Counts in Redis while it answers, else in this process with its share of the limit."""

    def __init__(
        self,
        shared: Counter,
        own: Counter,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Ask `shared` first, and `own` while that is away."""
        self._shared, self._own = shared, own
        self._reach = Reach(clock=clock)

    def take(self, key: str) -> Verdict:
        """Count one request of this caller and say whether it may go on. Never raises for a lost Redis."""
        alone = False
        try:
            wait = self._reach.ask(lambda: self._shared.wait(key))
        except Away:
            alone = True
            wait = self._own.wait(key)
        return Verdict(allowed=wait <= 0, retry_after=ceil(wait) if wait > 0 else 0, alone=alone)


def count(key: str, *, limit: int) -> tuple[bool, int]:
    """Count one request under this key; return whether it may go on, and else in how many whole seconds to try again.

    At most `limit` in any minute, over all processes; while Redis is away each counts its share. Never raises for that.
    """
    verdict = _limiter(settings.REDIS_URL, limit, settings.WEB_PROCESSES).take(key)
    return verdict.allowed, verdict.retry_after


@lru_cache(maxsize=8)
def _limiter(url: str, limit: int, processes: int) -> "RateLimiter":
    return limiter(url=url, limit=limit, processes=processes)


def limiter(*, url: str, limit: int, window: float = 60.0, processes: int = 1) -> RateLimiter:
    """Return a limiter of `limit` requests in any `window` seconds for each caller.

    `processes` is how many processes serve requests: each takes an equal share (at least one) while Redis is away.
    """
    return RateLimiter(
        SharedCounter(connect(url), limit=limit, window=window),
        OwnCounter(limit=max(1, limit // max(1, processes)), window=window),
    )
