"""Which column of a file is which of ours, by its heading: whatever its case, accents, signs and, within reason, language."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext, gettext_noop

from mediconnect.operations.errors import UnreadableFile
from patients.rules.identity import folded

_NO_LETTER: Final = re.compile(r"[\W_]+")


@dataclass(frozen=True, slots=True)
class Column:
    """A column that a kind of table may have.

    `label` heads it in our files; `help` says what stands in it; `also` are other headings by which it is known. A file
    lacks a `required` one only by mistake. One that is `told` alone stands in our files for people to read, and says
    nothing when it comes back.
    """

    name: str
    label: str
    help: str
    also: Sequence[str] = ()
    required: bool = False
    example: str = ""
    told: bool = False
    is_date: bool = False


@dataclass(frozen=True, slots=True)
class Headings:
    """What the headings of a file mean: the column's name at each place, "" for one that is left out."""

    places: Sequence[str]

    def values(self, cells: Sequence[str]) -> dict[str, str]:
        """Return a row by column; what the row is too short for is empty."""
        found = dict.fromkeys((name for name in self.places if name), "")
        return found | {name: cell for name, cell in zip(self.places, cells, strict=False) if name}


def plain(text: str) -> str:
    """Return the form in which headings and names are compared: lower case, without accents and signs, single spaces."""
    return _NO_LETTER.sub(" ", folded(text)).strip()


def mapped(header: Sequence[str], columns: Sequence[Column]) -> Headings:
    """Return what the headings mean. Raises `UnreadableFile` where one column stands twice, or a required one is missing."""
    known = _known(columns)
    places = [known.get(plain(heading), "") for heading in header]
    for name in places:
        if name and places.count(name) > 1:
            raise UnreadableFile(
                gettext_noop("The column “%(column)s” stands in the file twice. Keep one of them."),
                column=gettext(_label(columns, name)),
            )
    missing = [column for column in columns if column.required and column.name not in places]
    if missing:
        raise UnreadableFile(
            gettext_noop("The first row has to name the columns. These are missing: %(columns)s."),
            columns=", ".join(gettext(column.label) for column in missing),
        )
    return Headings(places)


def _known(columns: Iterable[Column]) -> Mapping[str, str]:
    known: dict[str, str] = {}
    for column in columns:
        for word in (column.name, column.label, gettext(column.label), *column.also):
            known.setdefault(plain(word), column.name)
    return known


def _label(columns: Iterable[Column], name: str) -> str:
    return next(column.label for column in columns if column.name == name)
