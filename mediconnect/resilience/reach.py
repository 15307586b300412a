"""The way to Redis: asked once, for a quarter of a second at most, and left alone for a while after it failed."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Final, TypeVar, cast
from urllib.parse import unquote, urlsplit

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from redis.sentinel import Sentinel

Answer = TypeVar("Answer")

# Seconds that one call may take before the process goes on by itself.
TIMEOUT: Final = 0.25
# Seconds for which a server that failed is not asked again: one slow caller per pause, not each.
PAUSE: Final = 1.0
# Each further failure doubles the pause up to this: a server that hangs for an hour costs a process 3 % of one thread,
# and one that comes back is noticed well within the 30 s of a failover (reliability C-4).
LONGEST_PAUSE: Final = 8.0


class Away(RedisError):
    """The server does not answer now; whoever asked goes on by itself."""


class Reach:
    """Whether the server is asked at all. One for all who share a server, so that it fails once for all of them."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Measure pauses with this clock, in seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._pause, self._until, self._failures = 0.0, 0.0, 0

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """Return the answer. Raises `Away` if there is none in time, and at once while the server is left alone.

        After a pause one caller asks again; the others go on by themselves until that one knows.
        """
        with self._lock:
            if self._clock() < self._until:
                raise Away
            if self._pause:
                self._until = self._clock() + self._pause
            failures = self._failures
        try:
            answer = question()
        except RedisError as error:
            self._failed(failures)
            raise Away from error
        if self._pause:
            self._answered(failures)
        return answer

    def _failed(self, before: int) -> None:
        """Begin a pause, unless one of those who asked at the same moment already did: that is one failure."""
        with self._lock:
            if self._failures == before:
                self._failures += 1
                self._pause = min(LONGEST_PAUSE, self._pause * 2 or PAUSE)
                self._until = self._clock() + self._pause

    def _answered(self, before: int) -> None:
        """End the pause, unless the server failed again after this question was asked."""
        with self._lock:
            if self._failures == before:
                self._pause, self._until = 0.0, 0.0


@dataclass(frozen=True, slots=True)
class Server:
    """A server and the way to it."""

    client: Redis
    reach: Reach


def server() -> Server:
    """Return the server of REDIS_URL, the same for every caller in this process."""
    return _server(settings.REDIS_URL)


@lru_cache(maxsize=8)
def _server(url: str) -> Server:
    return Server(connect(url), Reach())


def connect(url: str) -> Redis:
    """Return a client for `redis://`, `rediss://` or `redis+sentinel://host:port,…/service/number`.

    It waits `TIMEOUT` at most and never retries by itself: redis-py would, ten times.
    """
    options = {
        "socket_timeout": TIMEOUT,
        "socket_connect_timeout": TIMEOUT,
        "retry": Retry(NoBackoff(), 0),
    }
    if not url.startswith("redis+sentinel://"):
        return Redis.from_url(url, **options)
    parts = urlsplit(url)
    hosts = [host.rpartition(":") for host in parts.netloc.rpartition("@")[2].split(",")]
    service, _, number = parts.path.strip("/").partition("/")
    password = unquote(parts.password) if parts.password else None
    sentinel: Any = Sentinel(  # type: ignore[no-untyped-call]
        [(host, int(port)) for host, _, port in hosts],
        sentinel_kwargs=options,
    )
    return cast("Redis", sentinel.master_for(service, db=int(number or 0), password=password, **options))
