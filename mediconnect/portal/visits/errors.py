"""Refusals that only pages know: programs send times with an offset, people say what the clock on the wall shows."""

import datetime as dt
from collections.abc import Sequence

from mediconnect.errors import DomainError


class ClockChange(DomainError):
    """The clinic's clock is changed around the time that was typed. `choices` are the two instants it may mean."""

    status = 422

    def __init__(self, choices: Sequence[dt.datetime]) -> None:
        super().__init__(choices=list(choices))


class TimeSkipped(ClockChange):
    """The clock is set forward over it."""

    code, title = "time-skipped", "The clock skips this time"
    sentence = "The clock is set forward on that day, and this time does not exist. Choose the time before or after."


class TimeRepeated(ClockChange):
    """The clock is set back and shows it twice."""

    code, title = "time-repeated", "The clock shows this time twice"
    sentence = "The clock is set back on that day, and this time comes twice. Choose the first or the second."
