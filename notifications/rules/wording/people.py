"""What people typed, made safe to stand in a message: one line, no invisible signs, not endless.

Markup is no matter here: a text has none, and the HTML of a mail escapes whatever stands in it.
"""

import unicodedata
from typing import Final

# Space, and the signs that part lines and paragraphs: each becomes one blank. The rest of these categories vanishes:
# control characters, marks that turn the direction of the text, invisible ones, halves of a broken pair.
_BLANKS: Final = frozenset({"Zs", "Zl", "Zp"})
_GONE: Final = frozenset({"Cc", "Cf", "Cs", "Co"})
# A family emoji is several that are joined by this one; it does nothing else in a line.
_JOINER: Final = "\N{ZERO WIDTH JOINER}"


def one_line(value: str, limit: int) -> str:
    """Return the value as one line of at most `limit` characters, cut at a blank where there is one in its second half.

    CR, LF and tabs become blanks, so that nobody's name begins a header of its own.
    """
    cleaned = " ".join("".join(map(_harmless, value)).split())
    if len(cleaned) <= limit:
        return cleaned
    cut = cleaned[:limit]
    blank = cut.rfind(" ")
    return cut[:blank] if blank >= limit // 2 else cut


def _harmless(character: str) -> str:
    if character in "\r\n\t":
        return " "
    category = unicodedata.category(character)
    if category in _BLANKS:
        return " "
    return "" if category in _GONE and character != _JOINER else character


def invisible(character: str) -> bool:
    """Return whether a character has no place in words that a clinic types: control characters but the line end."""
    return character not in "\n\t" + _JOINER and unicodedata.category(character) in _GONE
