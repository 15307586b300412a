"""The languages that a desk offers for a patient, named in the reader's language."""

from collections.abc import Sequence
from typing import Final

from babel import Locale, UnknownLocaleError
from django.utils.translation import get_language

# The languages most spoken at home in the United States (Census Bureau, American Community Survey 2019, table B16001),
# those of the pages first. Any other that is on record stays on offer for its patient.
OFFERED: Final = ("en", "es", "zh", "tl", "vi", "ar", "fr", "ko", "ru", "ht", "hi", "de", "pt", "it", "pl")


def language_name(tag: str) -> str:
    """Return the name of a language in the reader's language; a tag that CLDR does not know is returned as it is."""
    try:
        reader = Locale.parse(get_language() or "en", sep="-")
        return Locale.parse(tag, sep="-").get_display_name(reader) or tag
    except (UnknownLocaleError, ValueError):
        return tag


def languages_with(tag: str) -> Sequence[tuple[str, str]]:
    """Return what a form offers, with this language among them."""
    return [(one, language_name(one)) for one in (*OFFERED, *(() if tag in OFFERED or not tag else (tag,)))]
