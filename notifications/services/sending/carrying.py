"""Make the call, in a thread that never touches the database, and say how it ended in one of a few words."""

import logging
import random
from dataclasses import dataclass
from typing import Final

from mediconnect.resilience.breaker import NotPermitted
from mediconnect.resilience.outside import OutsideError, Refused, Throttled, Unavailable
from mediconnect.telemetry.request_id import set_request_id
from notifications.channels.choosing import channel_for
from notifications.channels.port import Accepted, OptedOut, Undeliverable, Unknowable
from notifications.rules.reasons import Why

from .allowing import budget_of, slow_down
from .claiming import Call

log = logging.getLogger(__name__)

_WITHOUT_A_WORD: Final = 10.0
"""Seconds to leave a service alone that limits us and does not say for how long."""


@dataclass(frozen=True, slots=True)
class Sent:
    """The service has it."""

    accepted: Accepted
    via: str


@dataclass(frozen=True, slots=True)
class HeldBack:
    """No attempt: it may be made in so many seconds. `begun` where the service was asked and said “not now”."""

    why: Why
    seconds: float
    begun: bool = False


@dataclass(frozen=True, slots=True)
class Failed:
    """An attempt that failed. `ambiguous`: the service may have accepted it all the same; `answered`: it said it failed."""

    code: str
    ambiguous: bool
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Rejected:
    """The service will never take it as it is."""

    code: str


@dataclass(frozen=True, slots=True)
class Unreachable:
    """This address cannot receive it, or its owner wants nothing."""

    code: str
    opted_out: bool


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """Looked up: the attempt before was not accepted."""


@dataclass(frozen=True, slots=True)
class NobodyKnows:
    """Looked up: that cannot be found out."""


Outcome = Sent | HeldBack | Failed | Rejected | Unreachable | NotAccepted | NobodyKnows


def is_answer(code: str) -> bool:
    """Say whether an error's code is that of an answer: the service itself said that it failed (500, 503)."""
    return code.startswith("http-5")


def carry(call: Call) -> Outcome:
    """Make the call and return how it ended. Never raises; never says anything of the letter."""
    set_request_id(call.letter.request_id)
    try:
        return _look_up(call) if call.looks_up else _send(call)
    except (NotPermitted, OutsideError) as error:
        return _not_taken(call, error)
    except (OptedOut, Undeliverable) as error:
        return Unreachable(error.code, opted_out=isinstance(error, OptedOut))
    except Exception as error:  # noqa: BLE001 - a mistake of ours in a channel; whether it came before the call, nobody knows
        log.error("message %s: %s in the channel", call.message_id, type(error).__name__)  # noqa: TRY400 - its words may quote
        return Failed(type(error).__name__, ambiguous=True)
    finally:
        set_request_id("")


def _not_taken(call: Call, error: NotPermitted | OutsideError) -> Outcome:
    """Return what an error of the way means: come back later, never, or try again."""
    match error:
        case NotPermitted():
            return HeldBack(Why.SERVICE_AWAY, error.retry_after)
        case Throttled():
            seconds = error.retry_after or _WITHOUT_A_WORD
            slow_down(call.channel, seconds)
            return HeldBack(Why.THROTTLED, seconds, begun=True)
        case Unavailable(retry_after=float() as seconds):  # a 503 that says for how long
            return HeldBack(Why.SERVICE_AWAY, seconds, begun=True)
        case Refused():
            return NobodyKnows() if call.looks_up else Rejected(error.code)
        case _:
            return Failed(error.code, ambiguous=error.ambiguous, answered=is_answer(error.code))


def _send(call: Call) -> Outcome:
    budget = budget_of(call.channel)
    if call.attempt > 1:
        if not budget.may_retry():
            return HeldBack(Why.RETRY_BUDGET, random.uniform(1.0, 3.0))  # noqa: S311 - spreads retries, guards nothing
    else:
        budget.spent_by_request()
    channel = channel_for(call.channel)
    return Sent(channel.send(call.letter), channel.name)


def _look_up(call: Call) -> Outcome:
    channel = channel_for(call.channel)
    found = channel.look_up(call.letter, since=call.since)
    if found is None:
        return NotAccepted()
    if isinstance(found, Unknowable):
        return NobodyKnows()
    return Sent(found, channel.name)
