"""How a clinic writes times, dates and phone numbers: the words are the reader's, the order is the country's.

What is customary where comes from CLDR (by Babel) and from libphonenumber. The language chooses the words (Mon, lun);
the clinic's country chooses 9:30 AM or 09:30, which number of a date comes first, where a week begins, and which phone
numbers need no country code.
"""

import datetime as dt
import re
import zoneinfo
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Final, Protocol

import phonenumbers
from babel import Locale, UnknownLocaleError
from babel.core import get_global
from babel.dates import format_date, format_skeleton, format_time, get_day_names
from phonenumbers import NumberParseException, PhoneNumberFormat

# CLDR parts the hour from its AM by a narrow no-break space, which few fonts have; the common one keeps them together
# too, and does so where CLDR has an ordinary space.
# Marks of direction in it are for texts that run from right to left; our pages isolate what is written with <bdi>.
_CLEAN: Final = str.maketrans({"\u202f": "\N{NO-BREAK SPACE}", "\u200e": None, "\u200f": None})
_QUOTED: Final = re.compile(r"'[^']*'")
_SOME_DAY: Final = dt.date(2000, 1, 1)
_REMEMBERED: Final = 4096  # times of a day by the minute, for both languages, and some


class Place(Protocol):
    """What habits need to know of a clinic."""

    @property
    def region(self) -> str:
        """Return the ISO 3166 country or subdivision, as in US-NY; "" where nobody said."""

    @property
    def timezone(self) -> str:
        """Return the IANA zone."""


@dataclass(frozen=True)
class Habits:
    """The habits of one clinic for readers of one language. Pure, and quick enough for each line of a full board."""

    country: str
    language: str
    zone: zoneinfo.ZoneInfo

    @classmethod
    def of(cls, clinic: Place, language: str) -> "Habits":
        """Return the habits of a clinic, in a language of the pages (`en`, `es-mx`).

        The country is the region's; a clinic without one is where its time zone lies.
        """
        return _habits(clinic.region.partition("-")[0].upper(), clinic.timezone, language)

    def time(self, moment: dt.datetime | dt.time) -> str:
        """Write a time of day: 9:30 AM, 09:30. An instant is shown by the clinic's clock."""
        local = moment.astimezone(self.zone) if isinstance(moment, dt.datetime) else moment
        return _time(self, local.hour, local.minute)

    def precise(self, moment: dt.datetime) -> str:
        """Write a time with its seconds, where several things happened in a minute: 9:30:04 AM, 09:30:04."""
        local = moment.astimezone(self.zone)
        written = self.time(local)
        minutes = f"{local.minute:02}"
        head, _, tail = written.rpartition(minutes)
        return f"{head}{minutes}:{local.second:02}{tail}"

    def hour(self, hour: int) -> str:
        """Write a full hour as the edge of a calendar has it: 9 AM, 09:00."""
        return _hour(self, hour)

    def date(self, day: dt.date) -> str:
        """Write a date so that nobody takes the month for the day: Nov 30, 2026; 30 nov 2026."""
        return _date(self, "medium", day)

    def numeric(self, day: dt.date) -> str:
        """Write a date in digits, in the country's order: 11/30/2026, 30/11/2026."""
        return _date(self, "yMd", day)

    def day_and_date(self, day: dt.date) -> str:
        """Write a date with its weekday in full, for headings: Monday, November 30, 2026."""
        return _date(self, "full", day)

    def short_day(self, day: dt.date) -> str:
        """Write weekday, day and month, short: Mon, Nov 30; lun 30 nov."""
        return _date(self, "MMMEd", day)

    def month(self, day: dt.date) -> str:
        """Write the month that a day lies in: November 2026, noviembre de 2026."""
        return _date(self, "yMMMM", day)

    def moment(self, moment: dt.datetime) -> str:
        """Write a date and a time by the clinic's clock: Nov 30, 2026, 9:30 AM."""
        local = moment.astimezone(self.zone)
        return f"{self.date(local.date())}, {self.time(local)}"

    def phone(self, number: str) -> str:
        """Write a number (E.164) as it is dialled from the clinic; one of another country with its code.

        What is no phone number is returned as it came.
        """
        return _phone(number, self.country)

    @staticmethod
    def duration(minutes: int) -> str:
        """Write a length of time: 45 min, 1 h, 1 h 15 min. Its signs are the same in all languages (ISO 80000)."""
        hours, rest = divmod(abs(minutes), 60)
        parts = [f"{hours}\N{NO-BREAK SPACE}h"] if hours else []
        parts += [f"{rest}\N{NO-BREAK SPACE}min"] if rest or not hours else []
        return ("−" if minutes < 0 else "") + " ".join(parts)

    @cached_property
    def weekday_names(self) -> tuple[str, ...]:
        """The seven names in full, Monday first as `date.weekday()` counts; a week of the clinic is in `week`."""
        names = get_day_names("wide", "stand-alone", self.words)
        return tuple(names[number] for number in range(7))

    @cached_property
    def short_weekday_names(self) -> tuple[str, ...]:
        """The same, short: Mon, lun."""
        names = get_day_names("abbreviated", "stand-alone", self.words)
        return tuple(names[number] for number in range(7))

    @property
    def first_weekday(self) -> int:
        """The day on which a week begins here, as `date.weekday()` counts: 0 Monday, 6 Sunday."""
        return self.country_locale.first_week_day

    @cached_property
    def week(self) -> tuple[int, ...]:
        """The days of a week in this country's order, as `date.weekday()` counts."""
        return tuple((self.first_weekday + number) % 7 for number in range(7))

    def week_begins(self, day: dt.date) -> dt.date:
        """Return the first day of the week that a day lies in."""
        return day - dt.timedelta(days=(day.weekday() - self.first_weekday) % 7)

    @cached_property
    def counts_to_twelve(self) -> bool:
        """Whether the clock starts again at noon."""
        hours = _QUOTED.sub("", self.country_locale.time_formats["short"].pattern)
        return "h" in hours or "K" in hours

    @cached_property
    def words(self) -> Locale:
        """The reader's language as this country writes it, or as the world does."""
        language = self.language.replace("-", "_").partition("_")[0]
        candidates = (f"{language}_{self.country}", f"{language}_001", language)
        return next((found for name in candidates if (found := _locale(name)) is not None), Locale("en", "001"))

    @cached_property
    def country_locale(self) -> Locale:
        """The country's own habit, whatever is spoken at the desk."""
        return _locale(f"und_{self.country}") or self.words


@lru_cache(maxsize=512)
def _habits(country: str, timezone: str, language: str) -> Habits:
    if not country:
        known = get_global("zone_aliases").get(timezone, timezone)
        country = get_global("zone_territories").get(known, "ZZ")
    # ZZ is CLDR's unknown country, which it takes for an American one; the world writes otherwise.
    return Habits("001" if country == "ZZ" else country, language, zoneinfo.ZoneInfo(timezone))


@lru_cache(maxsize=512)
def _locale(name: str) -> Locale | None:
    try:
        return Locale.parse(name)
    except (UnknownLocaleError, ValueError):
        return None


@lru_cache(maxsize=_REMEMBERED)
def _time(habits: Habits, hour: int, minute: int) -> str:
    time = dt.time(hour, minute)
    if habits.counts_to_twelve:
        written = format_skeleton("hm", dt.datetime.combine(_SOME_DAY, time), locale=habits.words)
    else:
        written = format_time(time, "short", locale=habits.country_locale)
    return _kept_together(written)


@lru_cache(maxsize=_REMEMBERED)
def _hour(habits: Habits, hour: int) -> str:
    if not habits.counts_to_twelve:
        return _time(habits, hour, 0)
    return _kept_together(format_skeleton("h", dt.datetime.combine(_SOME_DAY, dt.time(hour)), locale=habits.words))


def _kept_together(written: str) -> str:
    return written.translate(_CLEAN).replace(" ", "\N{NO-BREAK SPACE}")


@lru_cache(maxsize=_REMEMBERED)
def _date(habits: Habits, form: str, day: dt.date) -> str:
    if form == "yMd":
        written = format_skeleton(form, day, locale=habits.country_locale)
    elif form in {"medium", "full"}:
        written = format_date(day, form, locale=habits.words)
    else:
        written = format_skeleton(form, day, locale=habits.words)
    return written.translate(_CLEAN)


@lru_cache(maxsize=_REMEMBERED)
def _phone(number: str, country: str) -> str:
    try:
        parsed = phonenumbers.parse(number, None)
    except NumberParseException:
        return number
    at_home = parsed.country_code == phonenumbers.country_code_for_region(country)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(parsed, form)
