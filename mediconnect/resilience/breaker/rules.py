"""The words in which breakers are spoken of: their options, what an account of calls answers, what a reader is told."""

import datetime as dt
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal, Protocol

State = Literal["closed", "open", "half_open", "forced_open", "forced_closed"]
Outcome = Literal["succeeded", "failed", "released"]
Force = Literal["", "forced_open", "forced_closed"]

PLENTY: Final = 1_000_000
"""Room of a breaker that is closed: more than anybody claims at once."""

ASK_AGAIN: Final = 1.0
"""Seconds after which a caller without a permit asks again while two others try: their outcome may come at any time."""

FORCED_ASK_AGAIN: Final = 60.0
"""Seconds after which a caller asks a breaker again that is held open by hand: nobody knows for how long."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_.:-]{0,62}")


@dataclass(frozen=True, slots=True)
class BreakerOptions:
    """When a breaker opens and closes. Named as resilience4j names them, valued as reliability C-2 says.

    That the rate of failures needs at least ten calls is our own assumption: half of two calls says nothing.
    """

    sliding_window_seconds: float = 10
    minimum_number_of_calls: int = 10
    failure_rate_threshold: float = 50
    consecutive_failures: int = 5
    wait_duration_in_open_state: float = 30
    permitted_number_of_calls_in_half_open_state: int = 2
    permit_lease_seconds: float = 15


# A lease is as long as the total deadline of the call that it is for (reliability S-1): a batch call has 150 s.
OPTIONS: Final[Mapping[str, BreakerOptions]] = {
    "twilio": BreakerOptions(),
    "sendgrid": BreakerOptions(),
    "ehr": BreakerOptions(permit_lease_seconds=150),
}


def options_of(name: str) -> BreakerOptions:
    """Return the options for a dependency: those of its kind, which stands before the colon (`ehr:` in `ehr:northside`)."""
    return OPTIONS.get(name.partition(":")[0], BreakerOptions())


def checked_name(name: str) -> str:
    """Return the name. Raises `ValueError` unless it is short and plain: it becomes a key and a metric's label."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} cannot name a breaker: a–z, 0–9 and _ . : - only, 63 of them at most.")
    return name


@dataclass(frozen=True, slots=True)
class Answer:
    """What an account of calls says after each question.

    `moves`: the changes of state that this very question caused, as (old, new, why). `generation` rises with each
    change of state: a call that ends in a later one than it began in says nothing about it.
    """

    state: State
    generation: int
    admitted: bool = False
    token: str = ""
    wait: float = 0.0
    since: float = 0.0
    room: int = 0
    calls: int = 0
    failures: int = 0
    why: str = ""
    forced: Force = ""
    moves: tuple[tuple[str, str, str], ...] = ()


class Account(Protocol):
    """Keeps count of the calls to one dependency and decides about the next."""

    def acquire(self) -> Answer:
        """Admit a call, or say in `wait` how many seconds to stay away."""
        ...

    def record(self, outcome: Outcome, *, generation: int | None, token: str) -> Answer:
        """Note how a call ended; `generation` None where another account admitted it."""
        ...

    def report_open(self, seconds: float) -> Answer:
        """Open for so many seconds if closed: another account knows that the dependency is down."""
        ...

    def reset(self) -> Answer:
        """Close and forget what was counted."""
        ...

    def read(self) -> Answer:
        """Return what is, and change nothing."""
        ...


@dataclass(frozen=True, slots=True)
class BreakerStatus:
    """A breaker as a reader sees it. `alone`: this process counts by itself, as Redis is away."""

    name: str
    state: State
    since: dt.datetime
    retry_after: float
    forced: bool
    failures: int
    calls: int
    reason: str
    alone: bool = False
