"""One turn of sending: a claim loop with ten senders beside it, for as long as something is due or soon will be."""

import logging
import queue
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connection

from mediconnect.resilience.stopping import is_stopping
from notifications.models import Channel
from notifications.queries.due import seconds_to_next

from .allowing import Allowance
from .carrying import Outcome, carry
from .claiming import Call, claim
from .recording import record

log = logging.getLogger(__name__)

SENDERS: Final = 10
"""Calls at the same time of one worker (reliability S-4, rulings 19). They wait for services, not for the processor."""

CLAIM_SECONDS: Final = 10.0
"""So long a turn claims; a call lasts 15.5 s at most, so it ends within 26, and the queue ends a task after 30."""

SOON_SECONDS: Final = 60.0
"""A turn stays while something is due within a minute, which is when the sweep comes by (rulings 18)."""

_LOOK_SECONDS: Final = 1.0

_RETRY_SECONDS: Final = 0.2
"""Until a channel that may not be used is asked about again."""


def send_due(
    *,
    seconds: float = CLAIM_SECONDS,
    senders: int = SENDERS,
    stay: bool = True,
    stopping: Callable[[], bool] = is_stopping,
) -> int:
    """Send what is due and record each outcome; return how many messages were taken up, whatever became of each.

    Claims for so many seconds, or with `stay=False` until nothing is due, and waits for its calls. Never raises for what
    one message or service does.
    """
    turn = _Turn(senders)
    until = time.monotonic() + seconds
    try:
        while time.monotonic() < until and not stopping():
            if turn.claim_some():
                continue
            pause = turn.pause(soon=SOON_SECONDS if stay else 0.0)
            if pause is None:
                break
            turn.record_within(min(pause, max(0.0, until - time.monotonic())))
    finally:
        turn.finish()
    return turn.taken


class _Turn:
    """The calls under way, and the threads that make them."""

    def __init__(self, senders: int) -> None:
        self.taken = 0
        self._senders = senders
        self._pool = ThreadPoolExecutor(senders, thread_name_prefix="sender")
        self._flying: dict[object, Call] = {}
        self._done: queue.SimpleQueue[tuple[Call, Outcome]] = queue.SimpleQueue()
        self._allowance = Allowance()

    def claim_some(self) -> bool:
        """Record what has come back, then claim once for a free sender; say whether anything was claimed."""
        self.record_within(0.0)
        free = self._senders - len(self._flying)
        channels = self._channels(free)
        claimed = claim(channels) if channels else False
        if isinstance(claimed, Call):
            self._allowance.spent(claimed.channel)
            self._flying[claimed.token] = claimed
            self._pool.submit(self._carry, claimed)
        self.taken += claimed is not False
        return claimed is not False

    def pause(self, *, soon: float) -> float | None:
        """Return how long there is nothing to claim, a second at most; None where nothing is due soon or under way."""
        if self._flying:
            # The first result frees a sender, and is waited for; what becomes due meanwhile is due for a second at most.
            return _LOOK_SECONDS
        wait = seconds_to_next(Channel.values)
        if wait is None or wait > soon:
            return None
        channels = self._channels(self._senders)
        claimable = seconds_to_next(channels) if channels else None
        if claimable is None:  # all that is due waits for a service that is away, or for the fleet's rate
            return _RETRY_SECONDS if soon else None
        return min(max(claimable, 0.02), _LOOK_SECONDS)

    def record_within(self, seconds: float) -> None:
        """Record what has come back; wait so many seconds for the first if nothing has."""
        try:
            call, outcome = self._done.get(timeout=seconds) if seconds > 0 else self._done.get_nowait()
            while True:
                self._record(call, outcome)
                call, outcome = self._done.get_nowait()
        except queue.Empty:
            return

    def finish(self) -> None:
        """Wait for the calls under way and record them; each ends by itself, the gateway sees to that."""
        while self._flying:
            before = len(self._flying)
            self.record_within(16.0)
            if len(self._flying) == before:
                log.error("%s calls did not end; their leases return their messages", before)
                break
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _channels(self, free: int) -> list[str]:
        return self._allowance.channels([call.channel for call in self._flying.values()]) if free > 0 else []

    def _carry(self, call: Call) -> None:
        self._done.put((call, carry(call)))

    def _record(self, call: Call, outcome: Outcome) -> None:
        self._flying.pop(call.token, None)
        try:
            record(call, outcome)
        except Exception as error:  # noqa: BLE001 - its lease returns it, in doubt; the others still have to be recorded
            log.error("message %s: its outcome was not recorded (%s)", call.message_id, type(error).__name__)  # noqa: TRY400
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
