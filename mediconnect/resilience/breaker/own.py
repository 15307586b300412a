"""The account that one process keeps by itself while Redis is away: the shared one's rules on a monotonic clock."""

import threading
import time
from collections import deque
from collections.abc import Callable

from .rules import ASK_AGAIN, FORCED_ASK_AGAIN, PLENTY, Answer, BreakerOptions, Force, Outcome, State


class OwnAccount:
    """Counts in this process alone. The twin of `SharedAccount`: one suite of tests holds both to the same rules."""

    def __init__(
        self,
        options: BreakerOptions,
        *,
        forced: Callable[[], Force] = lambda: "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Obey `forced` before everything that was counted; measure with `clock`, in seconds."""
        self._options, self._forced, self._clock = options, forced, clock
        self._lock = threading.Lock()
        self._state: State = "closed"
        self._since = self._until = clock()
        self._generation, self._token = 1, 0
        self._consecutive = self._good = 0
        self._why = ""
        self._calls: deque[tuple[float, bool]] = deque()
        self._leases: dict[str, float] = {}

    def acquire(self) -> Answer:
        """Admit a call, or say in `wait` how many seconds to stay away."""
        with self._lock:
            now, moves = self._clock(), list[tuple[str, str, str]]()
            if not self._forced():
                if self._state == "open" and now >= self._until:
                    self._turn("half_open", "the wait is over", moves)
                if self._state == "half_open" and self._permits_left(now):
                    self._token += 1
                    self._leases[str(self._token)] = now + self._options.permit_lease_seconds
                    return self._answer(now, moves, admitted=True, token=str(self._token))
            return self._answer(now, moves, admitted=(self._forced() or self._state) in ("closed", "forced_closed"))

    def record(self, outcome: Outcome, *, generation: int | None, token: str) -> Answer:
        """Note how a call ended; `generation` None where another account admitted it."""
        with self._lock:
            now, moves = self._clock(), list[tuple[str, str, str]]()
            if generation in (None, self._generation):
                self._leases.pop(token, None)
                if outcome != "released" and not self._forced():
                    if self._state == "closed":
                        self._count(now, moves, failed=outcome == "failed")
                    elif self._state == "half_open" and generation is not None:
                        self._probed(now, moves, failed=outcome == "failed")
            return self._answer(now, moves)

    def report_open(self, seconds: float) -> Answer:
        """Open for so many seconds if closed: another account knows that the dependency is down."""
        with self._lock:
            now, moves = self._clock(), list[tuple[str, str, str]]()
            if self._state == "closed":
                self._turn("open", "reported open", moves)
                self._until = now + min(seconds, self._options.wait_duration_in_open_state)
            return self._answer(now, moves)

    def reset(self) -> Answer:
        """Close and forget what was counted."""
        with self._lock:
            moves = list[tuple[str, str, str]]()
            self._turn("closed", "reset", moves)
            return self._answer(self._clock(), [move for move in moves if move[0] != move[1]])

    def read(self) -> Answer:
        """Return what is, and change nothing."""
        with self._lock:
            return self._answer(self._clock(), [])

    def _turn(self, new: State, why: str, moves: list[tuple[str, str, str]]) -> None:
        moves.append((self._state, new, why))
        self._state, self._why, self._since = new, why, self._clock()
        self._generation += 1
        self._consecutive = self._good = 0
        self._calls.clear()
        self._leases.clear()

    def _open(self, now: float, why: str, moves: list[tuple[str, str, str]]) -> None:
        self._turn("open", why, moves)
        self._until = now + self._options.wait_duration_in_open_state

    def _count(self, now: float, moves: list[tuple[str, str, str]], *, failed: bool) -> None:
        self._calls.append((now, failed))
        self._consecutive = self._consecutive + 1 if failed else 0
        calls, failures = self._window(now)
        if self._consecutive >= self._options.consecutive_failures:
            self._open(now, f"{self._consecutive} failures in a row", moves)
        elif (
            calls >= self._options.minimum_number_of_calls
            and failures * 100 >= self._options.failure_rate_threshold * calls
        ):
            self._open(now, f"{failures} of {calls} calls failed", moves)

    def _probed(self, now: float, moves: list[tuple[str, str, str]], *, failed: bool) -> None:
        if failed:
            self._open(now, "a trial call failed", moves)
            return
        self._good += 1
        if self._good >= self._options.permitted_number_of_calls_in_half_open_state:
            self._turn("closed", "trial calls succeeded", moves)

    def _window(self, now: float) -> tuple[int, int]:
        while self._calls and self._calls[0][0] <= now - self._options.sliding_window_seconds:
            self._calls.popleft()
        return len(self._calls), sum(failed for _, failed in self._calls)

    def _permits_left(self, now: float) -> int:
        self._leases = {token: end for token, end in self._leases.items() if end > now}
        return max(0, self._options.permitted_number_of_calls_in_half_open_state - self._good - len(self._leases))

    def _outlook(self, now: float) -> tuple[int, float]:
        """Return how many calls may start now, and in how many seconds to ask if none may."""
        forced = self._forced()
        if forced == "forced_open":
            return 0, FORCED_ASK_AGAIN
        if forced or self._state == "closed":
            return PLENTY, 0.0
        if self._state == "half_open":
            left = self._permits_left(now)
            return left, 0.0 if left else ASK_AGAIN
        wait = max(0.0, self._until - now)
        return (0 if wait else self._options.permitted_number_of_calls_in_half_open_state), wait

    def _answer(
        self, now: float, moves: list[tuple[str, str, str]], *, admitted: bool = False, token: str = ""
    ) -> Answer:
        room, wait = self._outlook(now)
        calls, failures = self._window(now)
        forced = self._forced()
        return Answer(
            state=forced or self._state,
            generation=0 if forced else self._generation,
            admitted=admitted,
            token=token,
            wait=wait,
            since=now - self._since,
            room=room,
            calls=calls,
            failures=failures,
            why=self._why,
            forced=forced,
            moves=tuple(moves),
        )
