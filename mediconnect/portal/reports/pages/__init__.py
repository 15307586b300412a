"""What each report shows: its key figures, plots and tables, and the table of its file."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from .lead_times import lead_times, lead_times_file
from .no_shows import no_shows, no_shows_file
from .overrides import overrides, overrides_file
from .sections import File, Report, Shown
from .utilisation import days_file, providers_file, utilisation
from .waiting import waiting, waiting_file
from .waitlist import waitlist, waitlist_file

REPORTS: Final[Mapping[str, Report]] = MappingProxyType(
    {
        "utilisation": utilisation,
        "no-shows": no_shows,
        "lead-times": lead_times,
        "waiting": waiting,
        "waitlist": waitlist,
        "overrides": overrides,
    }
)

# Under these names, with .csv behind them.
FILES: Final[Mapping[str, File]] = MappingProxyType(
    {
        "utilisation": providers_file,
        "utilisation-by-day": days_file,
        "no-shows": no_shows_file,
        "lead-times": lead_times_file,
        "overrides": overrides_file,
        "waiting": waiting_file,
        "waitlist": waitlist_file,
    }
)

__all__ = ["FILES", "REPORTS", "Shown"]
