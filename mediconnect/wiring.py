"""Who hears which fact. With `schedule.py`, all that ever happens by itself.

A fact published by a service is delivered once to each function named beside its event, in a transaction of its own.
No order between deliveries is promised, so each handler reads the present state.
"""

from typing import Final

HANDLERS: Final[dict[type, tuple[str, ...]]] = {}
