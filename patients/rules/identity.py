"""What a person may be called and when one may have been born."""

import datetime as dt
import re
import unicodedata
import zoneinfo
from typing import Final

from mediconnect.errors import Invalid

LONGEST_NAME: Final = 80
LONGEST_RECORD_NUMBER: Final = 40
# The oldest person whose age was ever proven lived 122 years.
OLDEST_YEARS: Final = 130

# Embeddings, overrides and isolates reorder whatever stands next to them on a page. Names in right-to-left scripts do
# not need them; joiners and marks (U+200C to U+200F), which scripts and emoji do need, stay.
_REORDERING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(-[A-Z]{2})?")


def clean_line(text: str, field: str, *, longest: int) -> str:
    """Return one line of text: trimmed, single spaces, in Unicode's composed form (NFC), at most `longest` characters.

    Raises `Invalid` naming the field for control characters, lone surrogates, reordering marks and excess length.
    """
    line = unicodedata.normalize("NFC", text.strip())
    if any(unicodedata.category(character) in {"Cc", "Cs"} or character in _REORDERING for character in line):
        raise Invalid.field(field, "Control characters have no place here.")
    line = " ".join(line.split())
    if len(line) > longest:
        raise Invalid.field(field, f"This may have {longest} characters at most.")
    return line


def clean_name(text: str, field: str) -> str:
    """Return a part of a name in its stored form; empty is allowed, as some people have one name only.

    Any script and emoji may stand in it. Raises `Invalid` as `clean_line`, and for a name that nobody could see.
    """
    name = clean_line(text, field, longest=LONGEST_NAME)
    if name and all(unicodedata.category(character) in {"Cf", "Zs", "Mn"} for character in name):
        raise Invalid.field(field, "This name cannot be seen.")
    return name


def require_a_name(given_name: str, family_name: str) -> None:
    """Raise `Invalid` for a person without any name."""
    if not given_name and not family_name:
        raise Invalid.field("family_name", "A person has a given or a family name, or both.")


def check_birth_date(birth_date: dt.date, *, today: dt.date) -> dt.date:
    """Return the date; raises `Invalid` for one in the future or more than 130 years back.

    A day of grace: where the patient is, it may be tomorrow already.
    """
    if birth_date > today + dt.timedelta(days=1):
        raise Invalid.field("birth_date", "This date lies in the future.")
    if birth_date.year < today.year - OLDEST_YEARS:
        raise Invalid.field("birth_date", f"This date lies more than {OLDEST_YEARS} years back.")
    return birth_date


def clean_record_number(text: str) -> str:
    """Return a record number in its stored form; raises `Invalid` for an empty or unfit one."""
    number = clean_line(text, "record_number", longest=LONGEST_RECORD_NUMBER)
    if not number:
        raise Invalid.field("record_number", "A record number is not empty; leave it out to get the next one.")
    return number


def check_language(tag: str) -> str:
    """Return the language tag, as in `en` or `pt-BR` (BCP 47, language and region only); raises `Invalid`."""
    if not _LANGUAGE.fullmatch(tag):
        raise Invalid.field("language", "Write the language as in “en” or “pt-BR”.")
    return tag


def check_zone(name: str) -> str:
    """Return the IANA time zone; empty stands for the clinic's. Raises `Invalid` for one that this machine does not know."""
    if name and name not in zoneinfo.available_timezones():
        raise Invalid.field("timezone", "Write the time zone as in “America/New_York”.")
    return name


def folded(text: str) -> str:
    """Return the form in which names are compared: lower case, without accents.

    The database computes `search_name` in the same way (Lower, NFKD, U+0300 to U+036F removed); a test holds them together.
    """
    decomposed = unicodedata.normalize("NFKD", text.lower())
    return "".join(character for character in decomposed if not "\u0300" <= character <= "\u036f")
