"""What people write in cells: dates in their country's order, times, yes and no, days of the week, languages. Pure."""

import datetime as dt
import re
from collections.abc import Iterable
from functools import cache
from typing import Final

from babel import Locale
from babel.dates import get_day_names
from django.conf import settings
from django.utils.translation import gettext_noop

from mediconnect.habits import Habits

from .columns import plain
from .findings import Finding

DAY_FIRST, MONTH_FIRST = "day", "month"

_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T]0?0:00(?::00)?)?")
_OURS: Final = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})")
_TIME: Final = re.compile(r"(\d{1,2})(?:[:.h](\d{2})(?::00)?)?\s*([ap])?\.?(?:m\.?)?", re.IGNORECASE)
_TAG: Final = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2})?")

_YES: Final = frozenset({"yes", "y", "true", "1", "x", "si", "s", "oui", "ja", "sim"})
_NO: Final = frozenset({"no", "n", "false", "0", "nein", "non", "nao"})

NO_DATE: Final = gettext_noop("“%(text)s” is no date. Write it as in 2026-11-30.")
TWO_DATES: Final = gettext_noop(
    "“%(text)s” may be %(one)s or %(other)s, and other dates of this column are written the other way round. Write it as in 2026-11-30."
)
NO_TIME: Final = gettext_noop("“%(text)s” is no time of day. Write it as in 09:30 or 9:30 AM.")
NO_ANSWER: Final = gettext_noop("Write yes or no here; “%(text)s” is neither.")
NO_WEEKDAY: Final = gettext_noop("“%(text)s” is no day of the week. Write it as in Monday or Mon.")
NO_LANGUAGE: Final = gettext_noop("“%(text)s” is no language that is known. Write it as in English or en.")


class UnfitCell(Exception):
    """A cell that says nothing of the kind that its column holds. `finding` says so; the column is the reader's to add."""

    def __init__(self, sentence: str, **values: str) -> None:
        super().__init__()
        self.finding = Finding(sentence, "", values)


def order_of(habits: Habits) -> str:
    """Return which number of a date comes first in the clinic's country."""
    pattern = habits.country_locale.date_formats["short"].pattern
    return DAY_FIRST if pattern.find("d") < pattern.find("M") else MONTH_FIRST


def orders_in(texts: Iterable[str]) -> str:
    """Return in which order the dates of a column are certainly written: `day`, `month`, `both` or "" where none says."""
    found = set()
    for text in texts:
        match = _OURS.fullmatch(text)
        if match is None or match[2] == ".":
            continue
        if int(match[1]) > 12:
            found.add(DAY_FIRST)
        elif int(match[3]) > 12:
            found.add(MONTH_FIRST)
    return "both" if len(found) > 1 else next(iter(found), "")


def read_date(text: str, *, order: str, proven: str) -> dt.date:
    """Return the date: 2026-11-30, 30.11.2026, or with strokes in the clinic's `order`.

    Raises `UnfitCell` for what is none, and for one that may be two where other dates of its column are `proven` to be
    written in the other order: nobody's birth date is guessed.
    """
    if match := _ISO.fullmatch(text):
        return _date(text, int(match[1]), int(match[2]), int(match[3]))
    match = _OURS.fullmatch(text)
    if match is None:
        raise UnfitCell(NO_DATE, text=text)
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if match[2] == "." or first > 12:
        return _date(text, year, second, first)
    if second > 12:
        return _date(text, year, first, second)
    if first != second and proven not in {"", order}:
        one, other = _date(text, year, first, second), _date(text, year, second, first)
        raise UnfitCell(TWO_DATES, text=text, one=one.isoformat(), other=other.isoformat())
    return _date(text, year, second, first) if order == DAY_FIRST else _date(text, year, first, second)


def _date(text: str, year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise UnfitCell(NO_DATE, text=text) from None


def read_time(text: str) -> dt.time:
    """Return a time of day: 09:30, 9.30, 14h30, 9:30 AM, 9 pm. Raises `UnfitCell`."""
    match = _TIME.fullmatch(text)
    if match is None or (match[2] is None and match[3] is None):
        raise UnfitCell(NO_TIME, text=text)
    hour, minute, half = int(match[1]), int(match[2] or 0), (match[3] or "").lower()
    if half and not 1 <= hour <= 12:
        raise UnfitCell(NO_TIME, text=text)
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    try:
        return dt.time(hour, minute)
    except ValueError:
        raise UnfitCell(NO_TIME, text=text) from None


def read_answer(text: str) -> bool:
    """Return whether a cell says yes or no. Raises `UnfitCell` for anything else."""
    word = plain(text)
    if word in _YES:
        return True
    if word in _NO:
        return False
    raise UnfitCell(NO_ANSWER, text=text)


def read_weekday(text: str) -> int:
    """Return the day of the week as `date.weekday()` counts, by its name in a language of the pages. Raises `UnfitCell`."""
    found = _weekdays().get(plain(text))
    if found is None:
        raise UnfitCell(NO_WEEKDAY, text=text)
    return found


def read_language(text: str) -> str:
    """Return the language tag: a tag itself, or the language's name in a language of the pages or in its own."""
    if _TAG.fullmatch(text):
        language, _, region = text.partition("-")
        if language.lower() in Locale("en").languages:
            return f"{language.lower()}-{region.upper()}" if region else language.lower()
    found = _languages().get(plain(text))
    if found is None:
        raise UnfitCell(NO_LANGUAGE, text=text)
    return found


@cache
def _weekdays() -> dict[str, int]:
    found: dict[str, int] = {}
    for language, _name in settings.LANGUAGES:
        for width in ("wide", "abbreviated"):
            names = get_day_names(width, "stand-alone", Locale.parse(language, sep="-"))
            found |= {plain(name): number for number, name in names.items()}
    return found


@cache
def _languages() -> dict[str, str]:
    found: dict[str, str] = {}
    for reader, _name in settings.LANGUAGES:
        for tag, name in Locale.parse(reader, sep="-").languages.items():
            if re.fullmatch(r"[a-z]{2,3}", tag):
                found.setdefault(plain(name), tag)
    return found
