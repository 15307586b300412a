"""Let no more through than so many per second and a burst, all processes together, on the server's clock.

Own and not throttled-py: that one reads the caller's clock in whole seconds, hands out no part of what was asked for,
and cannot be slowed down for a while (docs/decisions/0090-breakers.md).
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from math import ceil, floor, inf
from typing import Any, Final, Protocol

from redis import Redis

from mediconnect.resilience.reach import Away, Reach, server

# Sums of shares of a token end a hair below a whole one.
_HAIR: Final = 1e-6

# Milliseconds of the server, which never run back: see breaker/fleet.py. What a bucket gained is worked out in two
# parts, up to the end of a lowered rate and after it.
_USE: Final = """
local rate, burst, first = tonumber(ARGV[2]) / 1000, tonumber(ARGV[3]), tonumber(ARGV[4])
local give, want, least = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])
local new_low, new_low_for = tonumber(ARGV[8]), tonumber(ARGV[9])
local now = tonumber(ARGV[1])
if not now then
    local time = redis.call('TIME')
    now = time[1] * 1000 + math.floor(time[2] / 1000)
end
local kept = redis.call('HMGET', KEYS[1], 'tokens', 'last', 'skew', 'low', 'low_until')
local last, skew = tonumber(kept[2]), tonumber(kept[3]) or 0
now = now + skew
if last and now < last then
    skew = skew + last - now
    now = last
end
last = last or now
local low, low_until = (tonumber(kept[4]) or 0) / 1000, tonumber(kept[5]) or 0
local slow = math.max(0, math.min(now, low_until) - last)
local tokens = (tonumber(kept[1]) or first) + slow * low + (now - last - slow) * rate
tokens = math.min(burst, math.min(burst, tokens) + give)
if new_low then
    local running = low_until > now
    low = math.min(rate, new_low / 1000, running and low or rate)
    low_until = math.max(now + new_low_for, running and low_until or 0)
    tokens = math.min(tokens, 0)
end
local taken = math.min(want, math.floor(tokens + tonumber(ARGV[10])))
if taken < least then taken = 0 end
tokens = tokens - taken
local wait = 0
if want > 0 and taken == 0 then
    local missing, slowly = least - tokens, math.max(0, low_until - now)
    if missing <= slowly * low then
        wait = missing / low
    else
        wait = slowly + (missing - slowly * low) / rate
    end
end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'last', now, 'skew', skew, 'low', low * 1000, 'low_until', low_until)
redis.call('PEXPIRE', KEYS[1], math.ceil(math.max(0, low_until - now) + burst / rate) + 60000)
return {taken, math.ceil(wait)}
"""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a bucket gains (tokens per second), holds at most, and begins with."""

    rate: float
    burst: float
    first: float

    def shared_by(self, processes: int) -> "Terms":
        """Return one process's part of it: at least one token fits."""
        return Terms(self.rate / processes, max(1.0, self.burst // processes), self.first / processes)


@dataclass(frozen=True, slots=True)
class Lowered:
    """A lower rate (tokens per second) for so many seconds from now."""

    rate: float
    seconds: float


class Tokens(Protocol):
    """Holds tokens."""

    def use(
        self, *, want: int = 0, least: int = 0, give: float = 0, lowered: Lowered | None = None
    ) -> tuple[int, float]:
        """Add `give`, take up to `want` but not less than `least`; return what was taken, and else the seconds to wait."""
        ...


class SharedTokens:
    """Holds them in Redis for all processes together. Raises `RedisError` where that cannot be done in time."""

    def __init__(self, client: Redis, name: str, terms: Terms, *, clock: Callable[[], float] | None = None) -> None:
        """Hold them under this name; `clock` gives seconds and stands in for the server's."""
        self._script = client.register_script(_USE)
        self._key, self._terms, self._clock = f"bucket:1:{name}", terms, clock

    def use(
        self, *, want: int = 0, least: int = 0, give: float = 0, lowered: Lowered | None = None
    ) -> tuple[int, float]:
        """Add `give`, take up to `want` but not less than `least`; return what was taken, and else the seconds to wait."""
        now = "" if self._clock is None else round(self._clock() * 1000)
        low = ("", "") if lowered is None else (lowered.rate, ceil(lowered.seconds * 1000))
        terms = (self._terms.rate, self._terms.burst, self._terms.first)
        told: Any = self._script(keys=[self._key], args=[now, *terms, give, want, least, *low, _HAIR])
        return int(told[0]), int(told[1]) / 1000


class OwnTokens:
    """Holds them for this process alone: the twin of the script, on a monotonic clock."""

    def __init__(self, terms: Terms, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Hold them on these terms; measure with `clock`, in seconds."""
        self._terms, self._clock = terms, clock
        self._lock = threading.Lock()
        self._tokens, self._last = terms.first, clock()
        self._low, self._low_until = 0.0, -inf

    def use(
        self, *, want: int = 0, least: int = 0, give: float = 0, lowered: Lowered | None = None
    ) -> tuple[int, float]:
        """Add `give`, take up to `want` but not less than `least`; return what was taken, and else the seconds to wait."""
        with self._lock:
            now = self._clock()
            self._gain(now, give)
            if lowered is not None:
                self._lower(now, lowered)
            taken = min(want, floor(self._tokens + _HAIR))
            if taken < least:
                taken = 0
            self._tokens -= taken
            return taken, self._wait(now, least) if want and not taken else 0.0

    def _gain(self, now: float, give: float) -> None:
        slow = max(0.0, min(now, self._low_until) - self._last)
        gained = slow * self._low + (now - self._last - slow) * self._terms.rate
        burst = self._terms.burst
        self._tokens = min(burst, min(burst, self._tokens + gained) + give)
        self._last = now

    def _lower(self, now: float, to: Lowered) -> None:
        running = self._low_until > now
        self._low = min(self._terms.rate, to.rate, self._low if running else inf)
        self._low_until = max(now + to.seconds, self._low_until)
        self._tokens = min(self._tokens, 0.0)

    def _wait(self, now: float, least: int) -> float:
        missing, slowly = least - self._tokens, max(0.0, self._low_until - now)
        if missing <= slowly * self._low:
            return missing / self._low
        return slowly + (missing - slowly * self._low) / self._terms.rate


class SafeTokens:
    """Holds them in Redis while it answers, else this process's share. Never raises for a lost Redis."""

    def __init__(self, shared: Tokens, own: Tokens, reach: Reach) -> None:
        """Ask `shared` where `reach` lets it, else `own`."""
        self._shared, self._own, self._reach = shared, own, reach

    def use(
        self, *, want: int = 0, least: int = 0, give: float = 0, lowered: Lowered | None = None
    ) -> tuple[int, float]:
        """Add `give`, take up to `want` but not less than `least`; return what was taken, and else the seconds to wait."""

        def ask(tokens: Tokens) -> tuple[int, float]:
            return tokens.use(want=want, least=least, give=give, lowered=lowered)

        try:
            answer = self._reach.ask(lambda: ask(self._shared))
        except Away:
            return ask(self._own)
        if lowered is not None:
            ask(self._own)  # the vendor's word holds when Redis is gone as well
        return answer


def tokens_of(name: str, terms: Terms, *, processes: int) -> Tokens:
    """Return the tokens of this name on the server of REDIS_URL; each of `processes` has its share while it is away."""
    where = server()
    return SafeTokens(
        SharedTokens(where.client, name, terms), OwnTokens(terms.shared_by(max(1, processes))), where.reach
    )


class TokenBucket:
    """A limit on calls to one dependency, for the whole fleet: `rate` per second, and `burst` at once.

    In any t seconds at most `burst + rate · t` are let through. Its methods never raise for a lost Redis: then each of
    `processes` lets its own share through.
    """

    def __init__(self, name: str, rate: float, burst: int, *, processes: int = 1, tokens: Tokens | None = None) -> None:
        """Share the bucket with all who use this name, on the same terms; `tokens` holds it elsewhere than in Redis.

        Raises `ValueError` unless rate and burst let something through at all.
        """
        if rate <= 0 or burst < 1:
            raise ValueError("A bucket that lets nothing through is a wall.")
        self.name, self.rate, self.burst = name, rate, burst
        self._tokens = tokens or tokens_of(name, Terms(rate, burst, burst), processes=processes)

    def take(self, n: int = 1) -> float:
        """Take n tokens and return 0, or take none and return the seconds after which there will be enough.

        Raises `ValueError` for more than the bucket ever holds.
        """
        if not 1 <= n <= self.burst:
            raise ValueError(f"{self.name} holds {self.burst} at most.")
        return self._tokens.use(want=n, least=n)[1]

    def take_up_to(self, n: int) -> int:
        """Take as many tokens as there are, n at most, and return how many: what may be sent now."""
        return self._tokens.use(want=n, least=1)[0] if n > 0 else 0

    def lower(self, rate: float, seconds: float) -> None:
        """Gain only `rate` per second for so many seconds, from nothing: after a vendor's 429. 0 is a pause.

        Where it is lowered already the lower rate and the later end hold.
        """
        self._tokens.use(lowered=Lowered(max(0.0, rate), max(0.0, seconds)))
