"""The id of the request being served, for whoever needs it: answers, log lines, facts, history."""

import re
import uuid
from contextvars import ContextVar
from typing import Final

HEADER: Final = "X-Request-ID"
_SANE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
_current: ContextVar[str] = ContextVar("request_id", default="")


def current_request_id() -> str:
    """Return the id of the request being served here, or "" outside of one (a command, a worker between tasks)."""
    return _current.get()


def set_request_id(request_id: str) -> None:
    """Make `request_id` the current one of this thread, until it is set again; "" means none."""
    _current.set(request_id)


def accepted_request_id(offered: str) -> str:
    """Return the client's id if it is sane (8–64 of A–Z a–z 0–9 . _ -), else a new one.

    A foreign id ends up in logs and headers: anything that could break a line or a parser is not worth keeping.
    """
    return offered if _SANE.fullmatch(offered) else str(uuid.uuid4())
