"""The queue's doors to what the portal does by itself."""

from .sheet.keeping import keep_sheets


def keep_day_sheets() -> None:
    """Write the day sheets as files."""
    keep_sheets()
