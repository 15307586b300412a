"""One search box: a part of a name, a birth date, a phone, a record number or an e-mail address, told apart by their looks."""

import datetime as dt
import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from mediconnect.errors import Invalid

from .contacts import normal_phone
from .identity import clean_line, folded

LONGEST_SEARCH: Final = 120
# A longer question is no person's name; each word costs the database an index look-up.
MOST_WORDS: Final = 6

_DATE: Final = re.compile(r"(\d{1,4})([-./])(\d{1,2})\2(\d{1,4})")
_PHONE_LIKE: Final = re.compile(r"\+?[\d\s().\-/]{4,}")
_LAST_FOUR: Final = re.compile(r"\d{4}")
# Languages whose speakers write the month first.
_MONTH_FIRST: Final = frozenset({"en", "en-US", "en-PH"})


@dataclass(frozen=True, slots=True)
class Sought:
    """What a search asks for. Names and dates must all match; of the identifiers one must, if there are any.

    `whole_number` is the whole line, for record numbers that have a word in them, as in “MRN 77”: it stands alone.
    """

    names: tuple[str, ...] = ()
    birth_dates: tuple[dt.date, ...] = ()
    record_number: str = ""
    whole_number: str = ""
    last_four: str = ""
    phones: tuple[str, ...] = ()
    email: str = ""

    @property
    def by_identifier(self) -> bool:
        """Whether it names a number or an address, not only names and dates."""
        return bool(self.record_number or self.last_four or self.phones or self.email)

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not (self.names or self.birth_dates or self.by_identifier)


def read_birth_date(text: str, *, language: str = "en") -> tuple[dt.date, ...]:
    """Return the dates that a writing may mean: 1980-02-29, 29.02.1980, 02/29/1980.

    Dots mean day first everywhere; with strokes and hyphens the language decides, and where its order makes no date
    the other is taken (29/02/1980 is clear to an American, too). Empty if there is no such date.
    """
    match = _DATE.fullmatch(text)
    if match is None:
        return ()
    first, mark, second, third = match[1], match[2], int(match[3]), match[4]
    if len(first) == 4:
        return _dates((int(first), second, int(third)))
    if len(third) != 4:
        return ()
    day_first, month_first = (int(third), second, int(first)), (int(third), int(first), second)
    american = language in _MONTH_FIRST and mark != "."
    return _dates(*((month_first, day_first) if american else (day_first, month_first)))[:1]


def _dates(*candidates: tuple[int, int, int]) -> tuple[dt.date, ...]:
    dates = []
    for year, month, day in candidates:
        try:
            dates.append(dt.date(year, month, day))
        except ValueError:
            continue
    return tuple(dates)


def read_search(text: str, *, language: str = "en", countries: Collection[str] = ()) -> Sought:
    """Return what the words of a search box ask for; raises `Invalid` for control characters and excess length.

    A word with a digit in it is a number: a date if it reads as one, else part of a record number, and four digits are
    the end of a phone number as well. What can be a phone number is looked up as one, too, by
    the rules of each of the countries.
    """
    line = clean_line(text, "q", longest=LONGEST_SEARCH)
    names: list[str] = []
    numbers: list[str] = []
    dates: tuple[dt.date, ...] = ()
    email = ""
    for word in line.replace(",", " ").split():
        if "@" in word:
            email = word
        elif found := read_birth_date(word, language=language):
            dates = found
        elif any(character.isdigit() for character in word):
            numbers.append(word)
        else:
            names.append(folded(word))
    if len(names) > MOST_WORDS:
        raise Invalid.field("q", f"Search with {MOST_WORDS} words at most.")
    number = " ".join(numbers)
    return Sought(
        names=tuple(names),
        birth_dates=dates,
        record_number=number.upper(),
        whole_number=line.upper() if numbers and names else "",
        last_four=number if _LAST_FOUR.fullmatch(number) else "",
        phones=_as_phones(number, countries),
        email=email,
    )


def _as_phones(number: str, countries: Collection[str]) -> tuple[str, ...]:
    """Return each number in E.164 that these digits mean, read by the rules of each country."""
    if not _PHONE_LIKE.fullmatch(number):
        return ()
    found = []
    for country in countries or (None,):
        try:
            found.append(normal_phone(number, country=country, field="q"))
        except Invalid:
            continue
    return tuple(dict.fromkeys(found))
