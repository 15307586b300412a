"""The small language in which messages are worded: words in braces are filled in, what is in brackets may drop out.

`{day}` is replaced by the day. `[Call us: {phone}]` is left out, brackets and all, where there is no phone. Nothing else
means anything: no loops, no conditions, no dots, so that what a clinic types can reach nothing but these values.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

PLACEHOLDER: Final = re.compile(r"\{([a-z_]+)\}")
OPTIONAL: Final = re.compile(r"\[([^\[\]]*\{[a-z_]+\}[^\[\]]*)\]")

_SPACES: Final = re.compile(r"(?<=\S)[ \t]{2,}")
_BEFORE_A_LINE_END: Final = re.compile(r"[ \t]+(?=\n|\Z)")
_EMPTY_LINES: Final = re.compile(r"\n{3,}")


@dataclass(frozen=True, slots=True)
class Wording:
    """Subject and text with their placeholders. A text message has no subject."""

    subject: str
    body: str


def placeholders(text: str) -> frozenset[str]:
    """Return the names of the placeholders in a text."""
    return frozenset(PLACEHOLDER.findall(text))


def fill(text: str, values: Mapping[str, str]) -> str:
    """Return the text with each placeholder replaced by its value, once: braces inside a value mean nothing.

    A placeholder without a value is left out, and with it the optional part in which it stands.
    """

    def optional(found: re.Match[str]) -> str:
        return found[1] if all(values.get(name) for name in PLACEHOLDER.findall(found[1])) else ""

    def value(found: re.Match[str]) -> str:
        written = values.get(found[1], "")
        # A sentence that ends with “9:30 a.m.” ends with one full stop.
        return written.removesuffix(".") if found.string[found.end() :].startswith(".") else written

    filled = PLACEHOLDER.sub(value, OPTIONAL.sub(optional, text))
    return _EMPTY_LINES.sub("\n\n", _BEFORE_A_LINE_END.sub("", _SPACES.sub(" ", filled))).strip()
