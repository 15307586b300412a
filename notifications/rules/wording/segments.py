"""What a text message costs: carriers cut it into segments, and one unusual character halves what fits into each.

3GPP TS 23.038: the default alphabet takes 7 bits a character, 160 to a message and 153 to each part of a longer one; ten
further characters take two places. Any other character turns the whole text into UCS-2: 70, and 67 to each part.
"""

import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal

_BASIC: Final = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED: Final = frozenset("\f^{}\\[~]|€")

# What typographers and CLDR put where a telephone has something plainer.
_PLAINER: Final = {
    "‘": "'", "’": "'", "‚": ",", "“": '"', "”": '"', "„": '"', "«": '"', "»": '"', "–": "-", "—": "-", "−": "-",
    "‐": "-", "‑": "-", "…": "...", "•": "-", "·": ".", "\u00a0": " ", "\u202f": " ", "\u2009": " ", "ª": "a", "º": "o",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Count:
    """The cost of a text. `characters` counts places in its encoding, `left` those still free in the last segment.

    `costly` are the characters, each once, for whose sake the text is not in the 7-bit alphabet.
    """

    encoding: Literal["GSM-7", "UCS-2"]
    characters: int
    segments: int
    left: int
    costly: tuple[str, ...]


def is_plain(text: str) -> bool:
    """Return whether the whole text is in the 7-bit alphabet."""
    return all(character in _BASIC or character in _EXTENDED for character in text)


def count(text: str) -> Count:
    """Return what a text costs. The empty text is one segment, as a carrier would charge it."""
    costly = tuple(dict.fromkeys(c for c in text if c not in _BASIC and c not in _EXTENDED))
    if costly:
        return _counted(text, "UCS-2", 70, 67, costly)
    return _counted(text, "GSM-7", 160, 153, ())


def _counted(text: str, encoding: Literal["GSM-7", "UCS-2"], alone: int, part: int, costly: tuple[str, ...]) -> Count:
    places = list(_places(text, encoding))
    total = sum(places)
    if total <= alone:
        return Count(encoding, total, 1, alone - total, costly)
    segments, used = 1, 0
    for width in places:  # no escape and no pair of surrogates is cut in two
        if used + width > part:
            segments, used = segments + 1, 0
        used += width
    return Count(encoding, total, segments, part - used, costly)


def _places(text: str, encoding: str) -> Iterator[int]:
    for character in text:
        if encoding == "GSM-7":
            yield 2 if character in _EXTENDED else 1
        else:
            yield 2 if ord(character) > 0xFFFF else 1


def plainer(text: str) -> str:
    """Return the text as a telephone keyboard would write it: sáb as sab, “ as ", a no-break space as a space.

    A character that has no such form stays, and the text costs what it costs.
    """
    return "".join(map(_plainer, text))


def as_plain_as(text: str, values: Mapping[str, str]) -> Mapping[str, str]:
    """Return what is filled into a text, made plainer where the text itself is plain.

    So no Saturday (sáb) and no Dr. García makes it cost double. Whoever writes accents pays for them and keeps them all.
    """
    if is_plain(text):
        return {name: plainer(value) for name, value in values.items()}
    return {name: value.replace("\N{NO-BREAK SPACE}", " ") for name, value in values.items()}


def _plainer(character: str) -> str:
    if character in _BASIC or character in _EXTENDED:
        return character
    if character in _PLAINER:
        return _PLAINER[character]
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in _BASIC else character
