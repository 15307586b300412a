"""Times as the clinic's own clock shows them."""

import datetime as dt
from zoneinfo import ZoneInfo

from mediconnect.errors import Invalid


def shown(instant: dt.datetime, zone: ZoneInfo) -> str:
    """Return the time in words: “Tue 24 Nov 2026, 09:00 EST”."""
    return f"{instant.astimezone(zone):%a %d %b %Y, %H:%M %Z}"


def typed(wall: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    """Return the instant at which the clinic's clock shows this; of an hour that comes twice, the first.

    Raises `Invalid` for `start` where the clock skips that time.
    """
    naive = wall.replace(tzinfo=None)
    instant = naive.replace(tzinfo=zone).astimezone(dt.UTC)
    if instant.astimezone(zone).replace(tzinfo=None) != naive:
        raise Invalid.field("start", "The clinic's clock skips this time on that day.")
    return instant
