"""How long a failed call waits for its next attempt, and how many it has. The wait is kept as a due time: nobody sleeps."""

import random
from collections.abc import Callable, Mapping
from typing import Final

LONGEST: Final = 300.0
"""Seconds; the longest wait of reliability S-3."""

RETRIES: Final[Mapping[str, int]] = {"sms": 3, "email": 5, "ehr": 3}
"""How often a call is tried again after its first attempt failed (reliability S-3): 4, 6 and 4 requests at most."""

# 2^9 is past the longest wait already; a larger exponent would end in a float that is none.
_LARGEST_EXPONENT: Final = 9


def delay(attempt: int, *, spread: Callable[[float, float], float] = random.uniform) -> float:
    """Return the seconds to wait after failed attempt number `attempt` (from 0).

    min(300, 1·2^attempt) ± 25 %, never over 300. `spread` draws from between its two arguments: those who failed
    together do not come back together.
    """
    wait = min(LONGEST, 2.0 ** min(attempt, _LARGEST_EXPONENT)) * (1 + spread(-0.25, 0.25))
    return min(LONGEST, wait)
