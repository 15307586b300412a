"""Which days a report is about: read from the address, offered as presets, refused in words."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.errors import DomainError

LONGEST: Final = 366  # days: a leap year, and little enough to be answered at once
_USUAL: Final = 28  # days: four whole weeks, so that each weekday counts as often as the others
_YEARS: Final = range(2000, 2101)
_DAY: Final = dt.timedelta(days=1)


class UnusableRange(DomainError):
    """The days that were asked for are none, or too many."""

    code, status = "unusable-range", 400
    title = gettext_noop("These days cannot be used")
    sentence = gettext_noop("The first and the last day are dates such as 2026-11-30.")


class DaysBackwards(UnusableRange):
    """The range ends before it begins."""

    sentence = gettext_noop("The first day comes after the last one. Exchange them.")


class TooManyDays(UnusableRange):
    """The range is longer than a report may be."""

    sentence = gettext_noop("A report covers 366 days at most. Choose fewer.")


@dataclass(frozen=True, slots=True)
class Period:
    """Local days of the clinic, both included."""

    first: dt.date
    last: dt.date

    @property
    def query(self) -> str:
        """Return the range as an address carries it."""
        return f"from={self.first.isoformat()}&to={self.last.isoformat()}"


@dataclass(frozen=True, slots=True)
class Preset:
    """A range that is one click away."""

    label: str
    period: Period


def usual(today: dt.date) -> Period:
    """Return the last four weeks, today included."""
    return Period(today - (_USUAL - 1) * _DAY, today)


def asked_for(query: Mapping[str, str], today: dt.date) -> Period:
    """Return the days named by `from` and `to` of an address; what is left out is made up to four weeks.

    Raises `UnusableRange` or one of its children.
    """
    first, last = _named(query, "from"), _named(query, "to")
    if last is None:
        # A range that begins in the future ends there too.
        last = first + (_USUAL - 1) * _DAY if first and first > today else today
    period = Period(first or last - (_USUAL - 1) * _DAY, last)
    if period.first > period.last:
        raise DaysBackwards
    if (period.last - period.first).days >= LONGEST:
        raise TooManyDays
    return period


def _named(query: Mapping[str, str], name: str) -> dt.date | None:
    words = query.get(name, "").strip()
    if not words:
        return None
    try:
        day = parse_date(words)
    except ValueError:
        day = None
    if day is None or day.year not in _YEARS:
        raise UnusableRange
    return day


def presets(today: dt.date, week_begins: dt.date) -> list[Preset]:
    """Return the ranges that are asked for most; a quarter is one of the calendar."""
    quarter = today.replace(month=(today.month - 1) // 3 * 3 + 1, day=1)
    before = quarter - _DAY
    return [
        Preset(_("This week"), Period(week_begins, week_begins + 6 * _DAY)),
        Preset(_("Last 4 weeks"), usual(today)),
        Preset(_("Last quarter"), Period(before.replace(month=before.month - 2, day=1), before)),
    ]
