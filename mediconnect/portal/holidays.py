"""Public holidays by their names in the reader's language."""

import datetime as dt
from typing import Final

from django.conf import settings
from django.utils.translation import get_language, gettext, gettext_noop

from providers.rules.holidays import public_holidays

# The library names those of the United States in English alone: the federal ones and New York's are translated here.
# A state's own day that is not in this list keeps its name.
_AMERICAN: Final = frozenset(
    {
        gettext_noop("New Year's Day"),
        gettext_noop("Martin Luther King Jr. Day"),
        gettext_noop("Lincoln's Birthday"),
        gettext_noop("Susan B. Anthony Day"),
        gettext_noop("Washington's Birthday"),
        gettext_noop("Memorial Day"),
        gettext_noop("Juneteenth National Independence Day"),
        gettext_noop("Independence Day"),
        gettext_noop("Labor Day"),
        gettext_noop("Columbus Day"),
        gettext_noop("Election Day"),
        gettext_noop("Veterans Day"),
        gettext_noop("Thanksgiving Day"),
        gettext_noop("Christmas Day"),
    }
)
_OBSERVED: Final = " (observed)"


def holidays_in_words(region: str, first: dt.date, last: dt.date) -> list[tuple[dt.date, str]]:
    """Return the holidays of a region in order, each day with what is celebrated."""
    language = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    found = public_holidays(region, first, last, language=language)
    return [(day, "; ".join(map(_in_words, name.split("; ")))) for day, name in sorted(found.items())]


def _in_words(name: str) -> str:
    known = name.removesuffix(_OBSERVED)
    if known not in _AMERICAN:
        return name
    return gettext("%(holiday)s (observed)") % {"holiday": gettext(known)} if known != name else gettext(known)
