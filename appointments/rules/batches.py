"""What may be done to many visits at once, in which order, and how long one visit waits for another to get out of its way."""

import datetime as dt
from typing import Final

MOST: Final = 500  # visits: two busy weeks of one provider, and a page that can still be read

FURTHEST: Final = 12 * 60  # minutes: a shift stays inside a day
STEP: Final = 5  # minutes, as calendars show them

# While its batch is younger, a visit that finds its new time taken waits for those before it to be moved out of it.
PATIENCE: Final = dt.timedelta(minutes=5)
AGAIN: Final = 1.0  # seconds until it is tried again


def latest_first(shift_minutes: int | None) -> bool:
    """Return whether the last visit goes first: in a shift to later each makes room for the one before it."""
    return (shift_minutes or 0) > 0
