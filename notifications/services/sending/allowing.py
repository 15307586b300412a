"""How much may be sent now on each channel: what its breaker lets through, and what the fleet's rate leaves."""

import time
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from django.conf import settings

from mediconnect.resilience.breaker import breaker_of
from mediconnect.resilience.bucket import TokenBucket
from mediconnect.resilience.budget import RetryBudget
from notifications.channels.choosing import channel_for
from notifications.models import Channel

_SECONDS_KNOWN: Final = 0.2
"""For so long an answer of the breaker is good: a loop that claims a hundred a second need not ask a hundred times."""


def bucket_of(channel: str) -> TokenBucket:
    """Return the fleet's rate of a channel's service: SENDS_PER_SECOND, and half a second's worth at once.

    Half, so that the first second after an outage carries one and a half times the usual rate at most.
    """
    rate = settings.SENDS_PER_SECOND[channel]
    return _bucket(channel_for(channel).name, channel, rate, settings.REDIS_URL)


def budget_of(channel: str) -> RetryBudget:
    """Return the retries that are left for a channel's service."""
    return _budget(channel_for(channel).name, channel, settings.REDIS_URL)


@lru_cache(maxsize=32)
def _bucket(service: str, channel: str, rate: int, _server: str) -> TokenBucket:
    return TokenBucket(f"{service}:{channel}", rate, max(1, rate // 2))


@lru_cache(maxsize=32)
def _budget(service: str, channel: str, _server: str) -> RetryBudget:
    return RetryBudget(f"{service}:{channel}")


def slow_down(channel: str, seconds: float) -> None:
    """Halve a channel's rate for so many seconds, for the whole fleet: its service asked for it."""
    bucket = bucket_of(channel)
    bucket.lower(bucket.rate / 2, seconds)


class Allowance:
    """What one sender loop may still claim. A token that it took and did not need serves its next claim."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with nothing taken."""
        self._clock = clock
        self._tokens = dict.fromkeys(Channel.values, 0)
        self._room: dict[str, tuple[float, int]] = {}

    def channels(self, flying: Iterable[str]) -> list[str]:
        """Return the channels on which a call may be claimed now.

        `flying` names the channel of each call under way, which the breaker may not know of yet.
        """
        under_way = list(flying)
        return [
            channel
            for channel in Channel.values
            if self._room_of(channel) > under_way.count(channel) and self._has_token(channel)
        ]

    def spent(self, channel: str) -> None:
        """Note that a call was claimed."""
        self._tokens[channel] -= 1

    def _room_of(self, channel: str) -> int:
        until, room = self._room.get(channel, (0.0, 0))
        if self._clock() >= until:
            room = breaker_of(channel_for(channel).name).room()
            self._room[channel] = (self._clock() + _SECONDS_KNOWN, room)
        return room

    def _has_token(self, channel: str) -> bool:
        # One at a time: what a loop took and does not use when it ends is lost to the whole fleet.
        if self._tokens[channel] < 1:
            self._tokens[channel] += bucket_of(channel).take_up_to(1)
        return self._tokens[channel] >= 1
