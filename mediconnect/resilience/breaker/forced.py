"""What is forced by hand: decided in PostgreSQL, mirrored to Redis for the fleet and to memory for when Redis is away.

A call that is being prepared asks the mirrors and never the table: its thread holds no connection.
"""

import threading
from collections.abc import Mapping
from functools import partial
from typing import Final

from redis import Redis

from mediconnect.resilience.models import BreakerOverride
from mediconnect.resilience.reach import Away, server

from .fleet import OVERRIDES
from .rules import Force

_MARK: Final = ""
# Two mirrors that overtake one another settle in a round or two; the minute's job does the rest.
_ROUNDS: Final = 5


class _Heard:
    """What this process last heard, replaced as a whole: whoever reads meanwhile sees the old or the new, never half."""

    def __init__(self) -> None:
        self._forces: Mapping[str, Force] = {}
        self._lock = threading.Lock()

    def of(self, name: str) -> Force:
        return self._forces.get(name, "")

    def one(self, name: str, forced: Force) -> None:
        with self._lock:
            self._forces = {**self._forces, name: forced}

    def all(self, forces: Mapping[str, Force]) -> None:
        with self._lock:
            self._forces = dict(forces)


_heard: Final = _Heard()


def known_force(name: str) -> Force:
    """Return what this process last heard about the breaker; "" where nothing is forced."""
    return _heard.of(name)


def hear(name: str, forced: Force) -> None:
    """Keep what the fleet says about the breaker."""
    if _heard.of(name) != forced:
        _heard.one(name, forced)


def mirror_overrides() -> bool:
    """Copy what is forced from the table to this process and to Redis; return whether Redis took it.

    For each minute, and for each process that is about to call somebody: a few statements, never in a call's way. It
    looks again after it wrote, so that whoever writes last has seen what was committed before: a mirror that overtook
    a fresh decision puts that right itself.
    """
    where, rows = server(), _rows()
    for _ in range(_ROUNDS):
        _heard.all(rows)
        try:
            where.reach.ask(partial(_write, where.client, rows))
        except Away:
            return False
        written, rows = rows, _rows()
        if rows == written:
            break
    return True


def _rows() -> dict[str, Force]:
    forced = BreakerOverride.objects.exclude(state=BreakerOverride.State.AUTOMATIC)
    return {
        name: "forced_open" if state == "forced_open" else "forced_closed"
        for name, state in forced.values_list("name", "state")
    }


def _write(client: Redis, rows: dict[str, Force]) -> None:
    with client.pipeline(transaction=True) as pipe:
        pipe.delete(OVERRIDES)
        pipe.hset(OVERRIDES, _MARK, "mirrored")
        for name, forced in rows.items():
            pipe.hset(OVERRIDES, name, forced)
        pipe.execute()
