"""Stop calling a service that does not answer, for the whole fleet at once; ask it again with two calls, not with all."""

from mediconnect.resilience.breaker.forced import mirror_overrides
from mediconnect.resilience.breaker.permits import (
    Breaker,
    NotPermitted,
    Permit,
    breaker_of,
    find_breaker,
    known_breakers,
)
from mediconnect.resilience.breaker.rules import PLENTY, BreakerOptions, BreakerStatus, options_of

__all__ = [
    "PLENTY",
    "Breaker",
    "BreakerOptions",
    "BreakerStatus",
    "NotPermitted",
    "Permit",
    "breaker_of",
    "find_breaker",
    "known_breakers",
    "mirror_overrides",
    "options_of",
]
