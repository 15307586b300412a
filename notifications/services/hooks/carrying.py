"""Make the call, in a thread that never touches the database, and say how it ended."""

import logging
import time
from dataclasses import dataclass
from typing import Final

from mediconnect.resilience.breaker import NotPermitted, breaker_of
from mediconnect.resilience.gateway import Gateway, Limits
from mediconnect.resilience.outside import OutsideError, Refused
from mediconnect.telemetry.request_id import current_request_id, set_request_id

from .addresses import guard
from .claiming import Errand

log = logging.getLogger(__name__)

LIMITS: Final = Limits(connect=3, read=8, total=10)
"""Shorter than for our own services: a receiver has only to note what it is told, and others wait behind it."""

_GONE: Final = 410


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receiver answered with a 2xx."""

    status: int
    milliseconds: int


@dataclass(frozen=True, slots=True)
class HeldBack:
    """No attempt: its breaker is open, and it may be made in so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class NotAccepted:
    """An attempt that failed, with the receiver's status where there was one. `rest` is for how long it wants no calls."""

    code: str
    status: int | None
    milliseconds: int
    rest: float = 0.0
    gone: bool = False


Outcome = Accepted | HeldBack | NotAccepted


def carry(errand: Errand) -> Outcome:
    """Make the call and return how it ended. Never raises; nothing of what was answered is kept but its status."""
    began, before = time.monotonic(), current_request_id()
    set_request_id(errand.request_id)
    try:
        door = Gateway("webhook", breaker=breaker_of(errand.breaker), guard=guard())
        answer = door.call(
            "POST",
            errand.url,
            route=errand.event,
            headers=errand.headers,
            body=errand.body,
            limits=LIMITS,
            reads=False,
            attempt=errand.attempt,
        )
        return Accepted(answer.status, _since(began))
    except NotPermitted as error:
        return HeldBack(error.retry_after)
    except OutsideError as error:
        status = _status_of(error)
        return NotAccepted(error.code, status, _since(began), error.retry_after or 0.0, gone=status == _GONE)
    except Exception as error:  # noqa: BLE001 - a mistake of ours; it must not keep other calls from being made
        log.error("hook call %s: %s", errand.call_id, type(error).__name__)  # noqa: TRY400 - its words may quote the address
        return NotAccepted(type(error).__name__, None, _since(began))
    finally:
        set_request_id(before)


def _status_of(error: OutsideError) -> int | None:
    if isinstance(error, Refused):
        return error.status
    told = error.code.removeprefix("http-")
    return int(told) if told != error.code and told.isdecimal() else None


def _since(began: float) -> int:
    return round((time.monotonic() - began) * 1000)
