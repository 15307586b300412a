"""Error reports that name the place of a failure and nothing about a person."""

from typing import Any, Final, cast

import sentry_sdk
from sentry_sdk.integrations.logging import ignore_logger
from sentry_sdk.types import Event, Hint

_KEPT: Final = frozenset(
    {"event_id", "timestamp", "level", "platform", "release", "environment", "exception", "logger"}
)


def scrubbed(event: Event, _hint: Hint) -> Event:
    """Return the report without request data, user, breadcrumbs, variables and the words of messages.

    Messages of exceptions may quote a row (PostgreSQL's "Key (email)=…"); their class and the frames are enough
    to find the place, and the request id finds the log line.
    """
    kept: dict[str, Any] = {key: value for key, value in event.items() if key in _KEPT}
    for exception in kept.get("exception", {}).get("values", []):
        exception["value"] = ""
        for frame in (exception.get("stacktrace") or {}).get("frames", []):
            frame.pop("vars", None)
    return cast("Event", kept)


def start(dsn: str) -> None:
    """Report unhandled errors to `dsn`; traces are not sent this way."""
    sentry_sdk.init(
        dsn=dsn,
        send_default_pii=False,
        include_local_variables=False,
        max_request_body_size="never",
        before_send=scrubbed,
    )
    # The queue's monitor repeats each failure as text with the traceback in it.
    ignore_logger("django-q")
