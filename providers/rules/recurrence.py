"""Rules of recurrence (RFC 5545) for whole days: read strictly, and never at more cost than the days they span."""

import datetime as dt
import itertools
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from dateutil.rrule import rrulestr

_SEVERAL: Final = re.compile(r"-?\d{1,3}(,-?\d{1,3}){0,30}")
_DAYS: Final = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)(,([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)){0,20}")
_UNTIL: Final = re.compile(r"(\d{8})(T\d{6}Z?)?")


def _numbers(least: int, most: int, *, signed: bool = True) -> Callable[[str], bool]:
    def fits(text: str) -> bool:
        return _SEVERAL.fullmatch(text) is not None and all(
            least <= (abs(int(number)) if signed else int(number)) <= most for number in text.split(",")
        )

    return fits


# The parts that speak of days. BYHOUR and finer are refused with the frequencies that are finer than a day: hours have
# their own times, and a rule that counts seconds would keep a worker busy for years of them.
_PARTS: Final[dict[str, Callable[[str], bool]]] = {
    "FREQ": lambda text: text in {"DAILY", "WEEKLY", "MONTHLY", "YEARLY"},
    "INTERVAL": lambda text: text.isascii() and text.isdigit() and 1 <= int(text[:5]) <= 999,
    "COUNT": lambda text: text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 10_000,
    "UNTIL": lambda text: _UNTIL.fullmatch(text) is not None,
    "BYDAY": lambda text: _DAYS.fullmatch(text) is not None,
    "BYMONTHDAY": _numbers(1, 31),
    "BYYEARDAY": _numbers(1, 366),
    "BYWEEKNO": _numbers(1, 53),
    "BYMONTH": _numbers(1, 12, signed=False),
    "BYSETPOS": _numbers(1, 366),
    "WKST": lambda text: text in {"MO", "TU", "WE", "TH", "FR", "SA", "SU"},
}

# 29 February comes back after eight years at the latest (round 2100), so a rule silent for ten says nothing.
_SILENT_YEARS: Final = 10


class UnusableRule(ValueError):
    """A rule that cannot be used; its message is a sentence for the person who wrote it."""


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule of recurrence over days, begun on `first`."""

    text: str
    first: dt.date
    count: int | None = None
    until: dt.date | None = None

    def dates(self, since: dt.date, until: dt.date) -> list[dt.date]:
        """Return the days of the rule from `since` to `until`, both included. Costs at most the days since `first`."""
        last = min(until, self.until) if self.until else until
        if last < self.first:
            return []
        # The end is given to dateutil too: a rule that never matches would otherwise be followed to the year 9999.
        rule = rrulestr(f"{self.text};UNTIL={last:%Y%m%d}", dtstart=dt.datetime.combine(self.first, dt.time()))
        days = (moment.date() for moment in itertools.islice(iter(rule), self.count))
        return [day for day in days if since <= day <= last]


def read_rule(text: str, first: dt.date) -> Recurrence:
    """Return the rule that a text such as FREQ=MONTHLY;BYDAY=-1FR states; raises `UnusableRule` with a sentence.

    Refused are parts finer than a day, COUNT together with UNTIL, and rules that fall on no day of their first ten years.
    """
    parts = _parts(text.upper().strip().removeprefix("RRULE:"))
    count, until = parts.pop("COUNT", None), parts.pop("UNTIL", None)
    if count and until:
        raise UnusableRule("COUNT and UNTIL exclude each other.")
    body = ";".join(f"{name}={value}" for name, value in parts.items())
    try:
        last = dt.datetime.strptime(until[:8], "%Y%m%d").date() if until else None  # noqa: DTZ007  # a day, no instant
        rule = Recurrence(body, first, int(count) if count else None, last)
        days = rule.dates(first, _years_after(first))
    except (ValueError, TypeError):
        raise UnusableRule("This is no rule of recurrence as RFC 5545 knows them.") from None
    if not days:
        raise UnusableRule("This rule never falls on a day.")
    return rule


def _parts(text: str) -> dict[str, str]:
    parts: dict[str, str] = {}
    for part in text.split(";"):
        name, _, value = part.partition("=")
        if name in parts or name not in _PARTS or not _PARTS[name](value):
            raise UnusableRule(f"“{part[:40]}” cannot be used; write a rule of days, as in FREQ=MONTHLY;BYDAY=-1FR.")
        parts[name] = value
    if "FREQ" not in parts:
        raise UnusableRule("The rule needs a FREQ of DAILY, WEEKLY, MONTHLY or YEARLY.")
    _agree(parts)
    return parts


def _agree(parts: dict[str, str]) -> None:
    """Refuse parts that mean nothing together, which dateutil would pass over in silence."""
    if re.search(r"\d", parts.get("BYDAY", "")) and parts["FREQ"] not in {"MONTHLY", "YEARLY"}:
        raise UnusableRule("A numbered weekday needs FREQ=MONTHLY or FREQ=YEARLY.")
    if "BYSETPOS" in parts and not any(name.startswith("BY") for name in parts if name != "BYSETPOS"):
        raise UnusableRule("BYSETPOS chooses among days that another part names.")


def _years_after(day: dt.date) -> dt.date:
    return day + dt.timedelta(days=366 * _SILENT_YEARS)
