"""What goes in at the door and what comes out of it: a request, its limits, an answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds until the connection stands (with TLS), between two pieces of the answer, and for everything; bytes of it."""

    connect: float = 5
    read: float = 10
    total: float = 15
    max_body: int = 1_000_000


# The values are reliability S-1's.
REAL_TIME: Final = Limits()
BATCH: Final = Limits(connect=30, read=120, total=150, max_body=20_000_000)

SAFE_METHODS: Final = frozenset({"GET", "HEAD"})
"""Methods that change nothing: to repeat one is never ambiguous."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a service answered with a 2xx, or with 304. Header names are those of HTTP, in any case."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Request:
    """A request as it is written. `sound` raises `ValueError` for a 2xx that is not what this service answers.

    `reads` is whether what is answered is of interest; where it is not, the status is the answer and no body is read.
    """

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    limits: Limits
    sound: Callable[[Answer], object] | None = field(default=None, repr=False)
    reads: bool = True

    @property
    def is_safe(self) -> bool:
        """Whether repeating it is of no consequence."""
        return self.method in SAFE_METHODS
