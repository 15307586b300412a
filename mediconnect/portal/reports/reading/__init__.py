"""The figures of each report, one statement each, however many providers and days (docs/decisions/0082)."""

from .asking import Asked
from .lead_times import LeadTimes, Waits, lead_times_of
from .no_shows import NoShows, Turnout, no_shows_of
from .overrides import Override, WaitingTimes, overrides_of, waiting_times_of
from .utilisation import Minutes, Utilisation, utilisation_of
from .waiting import Wait, WaitingRoom, waiting_of
from .waitlist import FreedTimes, Offers, WaitlistFigures, waitlist_of

__all__ = [
    "Asked",
    "FreedTimes",
    "LeadTimes",
    "Minutes",
    "NoShows",
    "Offers",
    "Override",
    "Turnout",
    "Utilisation",
    "Wait",
    "WaitingRoom",
    "WaitingTimes",
    "WaitlistFigures",
    "Waits",
    "lead_times_of",
    "no_shows_of",
    "overrides_of",
    "utilisation_of",
    "waiting_of",
    "waiting_times_of",
    "waitlist_of",
]
