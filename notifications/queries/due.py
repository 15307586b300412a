"""When something is to be sent next."""

from collections.abc import Collection
from typing import Final

from django.db import connection

# Two looks at partial indexes: what waits, and what was being sent by somebody who may be gone.
_NEXT: Final = """
SELECT extract(epoch FROM least(
    (SELECT min(due_at) FROM notifications_message
     WHERE state IN ('queued', 'waiting') AND channel = ANY(%(channels)s) AND urgent),
    (SELECT min(due_at) FROM notifications_message
     WHERE state IN ('queued', 'waiting') AND channel = ANY(%(channels)s) AND NOT urgent),
    (SELECT min(lease_until) FROM notifications_message WHERE state = 'sending' AND channel = ANY(%(channels)s))
) - statement_timestamp())
"""


def seconds_to_next(channels: Collection[str]) -> float | None:
    """Return in how many seconds the next message of these channels is due, 0 if one is now; None if none is planned."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, {"channels": list(channels)})
        seconds = cursor.fetchone()[0]
    return None if seconds is None else max(0.0, float(seconds))
