"""What a call to somebody else's service may end in. No word of these errors holds a number, an address, a body or a URL."""

from typing import Final, Literal

Phase = Literal["dns", "connect", "tls", "read", "total"]

LONGEST_RETRY_AFTER: Final = 300.0
"""Seconds; a service that wants to be left alone for longer is asked again after these (reliability C-2: bounded 5 min)."""


class OutsideError(Exception):
    """A call that did not bring what it should.

    `code` is short and fit for a log line and a row. `retry_after` is what the service asked for, in seconds, 300 at
    most. `ambiguous`: the request was on its way and the service may have acted on it, so sending it again may do it twice.
    """

    outcome = "failed"
    """The kind of ending, as metrics count it."""

    def __init__(self, code: str, *, ambiguous: bool = False, retry_after: float | None = None) -> None:
        super().__init__(code)
        self.code, self.ambiguous = code, ambiguous
        self.retry_after = None if retry_after is None else min(LONGEST_RETRY_AFTER, max(0.0, retry_after))


class Unavailable(OutsideError):
    """No connection, a lost one, or a 5xx: the service is not well."""

    outcome = "unavailable"


class TimedOut(OutsideError):
    """Time ran out, in this `phase`. `sent`: the request had been written, so the service may have acted on it."""

    outcome = "timeout"

    def __init__(self, phase: Phase, *, sent: bool, ambiguous: bool) -> None:
        super().__init__(f"timeout-{phase}", ambiguous=ambiguous)
        self.phase, self.sent = phase, sent


class Throttled(OutsideError):
    """The service has had too many requests, and did not act on this one."""

    outcome = "throttled"


class Garbled(OutsideError):
    """An answer that is none: a page instead of data, cut short, too long, a redirect. The service may have acted."""

    outcome = "garbled"


class Refused(OutsideError):
    """The service understood and said no (4xx): it is well, and to ask the same again is of no use.

    `body` is what it said. It may repeat what was asked, so it is read by whoever called and goes no further.
    """

    outcome = "refused"

    def __init__(self, status: int, code: str = "", *, body: bytes = b"") -> None:
        super().__init__(code or f"http-{status}")
        self.status, self.body = status, body


class Forbidden(OutsideError):
    """An address that we call for nobody: of our own network, without TLS, or written to mislead. Nothing was sent."""

    outcome = "forbidden"
