"""The public holidays of a clinic's region."""

import datetime as dt
from functools import lru_cache
from typing import Final

import holidays

_YEARS: Final = 64


def is_known_region(region: str) -> bool:
    """Return whether the holidays of this ISO 3166 country or subdivision (as in US-NY) are known."""
    country, _, part = region.partition("-")
    known = holidays.list_supported_countries()
    return country in known and (not part or part in known[country])


def public_holidays(region: str, first: dt.date, last: dt.date, *, language: str = "") -> dict[dt.date, str]:
    """Return the holidays (with their names) from `first` to `last`; none for a clinic that names no known region.

    The names are in the language (`es`) where the country's holidays are known in it, else in the country's own.
    """
    if not region or not is_known_region(region):
        return {}
    years = (_of_year(region, year, language) for year in range(first.year, last.year + 1))
    return {day: name for year in years for day, name in year.items() if first <= day <= last}


@lru_cache(maxsize=_YEARS)
def _of_year(region: str, year: int, language: str) -> dict[dt.date, str]:
    country, _, part = region.partition("-")
    known = holidays.list_localized_countries().get(country, []) if language else []
    spoken = next((name for name in known if name.partition("_")[0] == language), None)
    found = holidays.country_holidays(country, subdiv=part or None, years=year, language=spoken)
    return {day: str(name) for day, name in found.items()}
