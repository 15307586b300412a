"""The queue's door to the rolling of openings."""

from .services.rolling import roll_openings


def roll_horizon() -> None:
    """Add the day that the booking horizon has come to."""
    if failed := roll_openings():
        raise RuntimeError(f"The openings of {len(failed)} resources did not roll; the log names them.")
