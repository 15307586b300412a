"""One turn of calls to clinics' programs: a claim loop with a few threads beside it, for as long as something is due."""

import logging
import queue
import time
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connection

from mediconnect.resilience.stopping import is_stopping
from notifications.locks.hooks import one_turn
from notifications.queries.hooks import seconds_to_next_call

from .carrying import Outcome, carry
from .claiming import Errand, claim_call
from .recording import record

log = logging.getLogger(__name__)

CALLERS: Final = 6
"""Calls at the same time, of the whole fleet. They wait for receivers, so this is how many slow ones there may be."""

OF_ONE_HOOK: Final = 2
"""Of these for one address: a receiver that hangs holds two threads, and never those of the others."""

CLAIM_SECONDS: Final = 8.0
"""So long a turn claims; a call lasts 10.5 s at most, so it ends within 19, and the queue ends a task after 30."""

SOON_SECONDS: Final = 2.0
"""A turn stays while something is due so soon; for what is due later it is woken, and the worker is free until then."""

_LOOK_SECONDS: Final = 0.5


def call_hooks(
    *,
    seconds: float = CLAIM_SECONDS,
    callers: int = CALLERS,
    stay: bool = True,
    stopping: Callable[[], bool] = is_stopping,
) -> int | None:
    """Make the calls that are due and record each outcome; return how many, or None where another turn is at work.

    Claims for so many seconds, or with `stay=False` until nothing is due, and waits for its calls. Never raises for what
    one receiver does.
    """
    with one_turn() as mine:
        if not mine:
            return None
        turn, until = _Turn(callers), time.monotonic() + seconds
        try:
            while time.monotonic() < until and not stopping():
                if turn.claim_some():
                    continue
                pause = turn.pause(soon=SOON_SECONDS if stay else 0.0)
                if pause is None:
                    break
                turn.record_within(pause)
        finally:
            turn.finish()
        return turn.taken


class _Turn:
    """The calls under way, and the threads that make them."""

    def __init__(self, callers: int) -> None:
        self.taken = 0
        self._callers = callers
        self._pool = ThreadPoolExecutor(callers, thread_name_prefix="hook")
        self._flying: dict[uuid.UUID, Errand] = {}
        self._done: queue.SimpleQueue[tuple[Errand, Outcome]] = queue.SimpleQueue()

    def claim_some(self) -> bool:
        """Record what has come back, then claim once if a thread is free; say whether anything was claimed."""
        self.record_within(0.0)
        if len(self._flying) >= self._callers:
            return False
        flying = Counter(errand.hook_id for errand in self._flying.values())
        claimed = claim_call(busy=[hook for hook, calls in flying.items() if calls >= OF_ONE_HOOK])
        if isinstance(claimed, Errand):
            self._flying[claimed.token] = claimed
            self._pool.submit(self._carry, claimed)
        self.taken += claimed is not False
        return claimed is not False

    def pause(self, *, soon: float) -> float | None:
        """Return how long to wait before the next look; None where nothing is under way or due soon."""
        if self._flying:
            return _LOOK_SECONDS
        wait = seconds_to_next_call()
        if wait is None or wait > soon or (wait > 0 and not soon):
            return None
        return min(max(wait, 0.02), _LOOK_SECONDS)

    def record_within(self, seconds: float) -> None:
        """Record what has come back; wait so many seconds for the first if nothing has."""
        try:
            errand, outcome = self._done.get(timeout=seconds) if seconds > 0 else self._done.get_nowait()
            while True:
                self._record(errand, outcome)
                errand, outcome = self._done.get_nowait()
        except queue.Empty:
            return

    def finish(self) -> None:
        """Wait for the calls under way and record them; each ends by itself, the gateway sees to that."""
        while self._flying:
            before = len(self._flying)
            self.record_within(11.0)
            if len(self._flying) == before:
                log.error("%s hook calls did not end; their leases return them", before)
                break
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _carry(self, errand: Errand) -> None:
        self._done.put((errand, carry(errand)))

    def _record(self, errand: Errand, outcome: Outcome) -> None:
        self._flying.pop(errand.token, None)
        try:
            record(errand, outcome)
        except Exception as error:  # noqa: BLE001 - its lease returns it; the others still have to be recorded
            log.error("hook call %s: its outcome was not recorded (%s)", errand.call_id, type(error).__name__)  # noqa: TRY400
            if not connection.in_atomic_block:
                connection.close_if_unusable_or_obsolete()
