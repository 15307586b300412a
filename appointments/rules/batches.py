"""What may be done to many visits at once, and in which order."""

from typing import Final

MOST: Final = 500  # visits: two busy weeks of one provider, and a page that can still be read

FURTHEST: Final = 12 * 60  # minutes: a shift stays inside a day
STEP: Final = 5  # minutes, as calendars show them


def latest_first(shift_minutes: int | None) -> bool:
    """Return whether the last visit goes first: in a shift to later each makes room for the one before it."""
    return (shift_minutes or 0) > 0
