"""What is counted about calls to services outside. Declared once; labels name services and states, never people or ids."""

from typing import Final

from prometheus_client import Counter, Gauge, Histogram

BREAKER_STATES: Final = {"closed": 0, "open": 1, "half_open": 2, "forced_open": 3, "forced_closed": 4}
"""The numbers of `circuit_breaker_state`; 0 to 2 are reliability C-2's, both kinds of force are told apart above them."""

breaker_state: Final = Gauge(
    "circuit_breaker_state",
    "State that this process saw last: 0 closed, 1 open, 2 half-open, 3 forced open, 4 forced closed.",
    ["name"],
    multiprocess_mode="mostrecent",
)
breaker_calls: Final = Counter(
    "circuit_breaker_calls", "Calls that a breaker let through, by how they ended.", ["name", "outcome"]
)
breaker_not_permitted: Final = Counter(
    "circuit_breaker_not_permitted", "Calls that a breaker kept from being made.", ["name"]
)
breaker_transitions: Final = Counter(
    "circuit_breaker_transitions", "Changes of a breaker's state, counted by who caused them.", ["name", "from", "to"]
)

external_calls: Final = Counter(
    "external_calls", "Calls to services outside, by how they ended.", ["service", "outcome"]
)
external_call_seconds: Final = Histogram(
    "external_call_seconds",
    "How long calls to services outside took.",
    ["service"],
    # Up to the total deadlines of S-1: 15 s in real time, 150 s in a batch.
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 30, 60, 150),
)
external_timeouts: Final = Counter(
    "external_timeouts", "Calls to services outside that ran out of time, by the phase in which.", ["service", "phase"]
)
