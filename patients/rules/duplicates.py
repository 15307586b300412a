"""When two records are likely to be one person."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from .identity import folded

# Share of common trigrams from which two names count as similar. 0.4 keeps “Jon Smith” with “John Smith” (0.62) and
# “Maria Garcia” with “María García-Lopez” (0.63) together, and “Anna Berg” and “Anna Lund” (0.33) apart.
SIMILAR_NAMES: Final = 0.4


@dataclass(frozen=True, slots=True)
class Described:
    """A person as far as likeness is concerned; `contacts` are blind indexes, so that nothing is opened to compare."""

    given_name: str
    family_name: str
    birth_date: dt.date | None
    contacts: frozenset[str] = frozenset()


def _trigrams(text: str) -> set[str]:
    found: set[str] = set()
    for word in text.split():
        padded = f"  {word} "
        found.update(padded[place : place + 3] for place in range(len(padded) - 2))
    return found


def name_likeness(one: str, other: str) -> float:
    """Return the share of common trigrams of two names, from 0 to 1, whatever the order, case and accents of their words."""
    mine, theirs = _trigrams(folded(one)), _trigrams(folded(other))
    return len(mine & theirs) / len(mine | theirs) if mine | theirs else 0.0


def reasons_to_suspect(one: Described, other: Described) -> list[str]:
    """Return why both may be one person: `birth-date-and-name`, `contact`; empty if nothing says so."""
    reasons = []
    likeness = name_likeness(f"{one.given_name} {one.family_name}", f"{other.given_name} {other.family_name}")
    if one.birth_date is not None and one.birth_date == other.birth_date and likeness >= SIMILAR_NAMES:
        reasons.append("birth-date-and-name")
    if one.contacts & other.contacts:
        reasons.append("contact")
    return reasons
