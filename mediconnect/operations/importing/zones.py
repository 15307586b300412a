"""The time zone and holiday region of an address, where country and state decide it.

FHIR R4 gives a place no time zone. States that lie in two zones get the one in which most of their people live; a
clinic in the other part is imported with `--timezone`, or corrected once in its settings.
"""

from typing import Final

_EASTERN, _CENTRAL, _MOUNTAIN = "America/New_York", "America/Chicago", "America/Denver"

_US: Final[dict[str, str]] = {
    **dict.fromkeys(
        [
            "CT",
            "DC",
            "DE",
            "FL",
            "GA",
            "KY",
            "MA",
            "MD",
            "ME",
            "NC",
            "NH",
            "NJ",
            "NY",
            "OH",
            "PA",
            "RI",
            "SC",
            "VA",
            "VT",
            "WV",
        ],
        _EASTERN,
    ),
    **dict.fromkeys(
        ["AL", "AR", "IA", "IL", "KS", "LA", "MN", "MO", "MS", "ND", "NE", "OK", "SD", "TN", "TX", "WI"], _CENTRAL
    ),
    **dict.fromkeys(["CO", "MT", "NM", "UT", "WY"], _MOUNTAIN),
    **dict.fromkeys(["CA", "NV", "OR", "WA"], "America/Los_Angeles"),
    "AK": "America/Anchorage",
    "AZ": "America/Phoenix",
    "HI": "Pacific/Honolulu",
    "ID": "America/Boise",
    "IN": "America/Indiana/Indianapolis",
    "MI": "America/Detroit",
    "PR": "America/Puerto_Rico",
}

# Countries with one clock.
_COUNTRIES: Final[dict[str, str]] = {
    "AT": "Europe/Vienna",
    "BE": "Europe/Brussels",
    "CH": "Europe/Zurich",
    "CZ": "Europe/Prague",
    "DE": "Europe/Berlin",
    "DK": "Europe/Copenhagen",
    "FI": "Europe/Helsinki",
    "FR": "Europe/Paris",
    "GB": "Europe/London",
    "GR": "Europe/Athens",
    "IE": "Europe/Dublin",
    "IL": "Asia/Jerusalem",
    "IN": "Asia/Kolkata",
    "IT": "Europe/Rome",
    "JP": "Asia/Tokyo",
    "KE": "Africa/Nairobi",
    "KR": "Asia/Seoul",
    "NG": "Africa/Lagos",
    "NL": "Europe/Amsterdam",
    "NO": "Europe/Oslo",
    "PL": "Europe/Warsaw",
    "SE": "Europe/Stockholm",
    "SG": "Asia/Singapore",
    "ZA": "Africa/Johannesburg",
}

_NAMES: Final[dict[str, str]] = {"USA": "US", "UNITED STATES": "US", "UK": "GB", "GBR": "GB", "UNITED KINGDOM": "GB"}


def country_code(country: str) -> str:
    """Return the ISO 3166 code of a country as addresses write it, or what stands there in capitals."""
    text = country.strip().upper()
    return _NAMES.get(text, text)


def zone_of_address(country: str, state: str) -> str | None:
    """Return the IANA zone of an address, or None where country and state do not decide it.

    A state of the United States is enough by itself: their addresses often name no country.
    """
    code = country_code(country)
    if code in {"US", ""}:
        return _US.get(state.strip().upper())
    return _COUNTRIES.get(code)


def region_of_address(country: str, state: str) -> str:
    """Return the holiday region of an address, as US-KS or DE, or the empty string where it is not known."""
    code, part = country_code(country), state.strip().upper()
    if code in {"US", ""} and part in _US:
        return f"US-{part}"
    return code if code in _COUNTRIES else ""
