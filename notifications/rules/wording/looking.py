"""Finding things in the words of a message: braces, links, reply words, signs that nobody sees."""

import re
from collections.abc import Iterator
from typing import Final

from notifications.rules.wording.filling import OPTIONAL, PLACEHOLDER
from notifications.rules.wording.people import invisible

# Anything between braces was meant to be filled in, whatever blanks and letters stand there.
_MEANT: Final = re.compile(r"\{([^{}\n]*)\}")
_BRACKETED: Final = re.compile(r"\[[^\[\]]*\]")

# The endings that links in messages have had; a missing blank after a full stop must not look like one (cita.Le).
_ENDINGS: Final = (
    "app|biz|care|clinic|co|com|de|edu|eu|example|gl|gov|health|info|io|link|ly|me|med|mx|net|org|page|site|uk|us|xyz"
)
_LINK: Final = re.compile(
    rf"(?:https?|ftp)://[^\s\[\]]*|\bwww\.[^\s\[\]]+|(?<![\w@.-])(?:[\w-]+\.)+(?:{_ENDINGS})\b(?:/[^\s\[\]]*)?",
    re.IGNORECASE,
)

# Carriers take these for themselves wherever they come as the whole answer (CTIA; Twilio's list of opt-out words, and
# those that opt in again).
_TAKEN: Final = (
    "CANCEL",
    "END",
    "QUIT",
    "UNSUBSCRIBE",
    "STOPALL",
    "REVOKE",
    "OPTOUT",
    "YES",
    "START",
    "UNSTOP",
    "HELP",
)
_ASKED: Final = (
    r"reply|answer|respond|text|send|write|type|with|responda|responde|conteste|contesta|escriba|escribe|envie|env[ií]e"
    r"|envía|mande|con"
)
_SHOUTED: Final = re.compile(rf"(?<!\w)(?:{'|'.join(_TAKEN)})(?!\w)")
_REQUESTED: Final = re.compile(rf"\b(?:{_ASKED})\s+[\"'“‘«]?({'|'.join(_TAKEN)})(?!\w)", re.IGNORECASE)
# STOP ends the messages; whoever is told that it cancels the visit loses both.
_STOP_FOR_A_VISIT: Final = re.compile(
    r"(?<!\w)STOP[\"'”’»]?\s+(?:to|para)\s+(?:cancel|cambiar|change|move|mover|reschedule|anular)\w*", re.IGNORECASE
)
# What is confirmed already (“your confirmed visit”) asks for nothing.
_CONFIRM: Final = re.compile(
    rf"\bconf[ií]rm(?!ed\b|ad[oa]s?\b)|\b(?:{_ASKED})\s+[\"'“‘«]?(?:1|C|OK)(?!\w)", re.IGNORECASE
)
_STOP: Final = re.compile(r"(?<!\w)STOP(?!\w)")


def named(text: str) -> frozenset[str]:
    """Return whatever stands between braces."""
    return frozenset(_MEANT.findall(text))


def without_placeholders(text: str) -> str:
    """Return the text with nothing but a sign in place of what is filled in, so that only what was typed is judged."""
    return PLACEHOLDER.sub("·", text)


def without_optional(text: str) -> str:
    """Return what of a text is there in any case."""
    return OPTIONAL.sub("", text)


def has_loose_brace(text: str) -> bool:
    """Return whether a brace has no partner."""
    rest = _MEANT.sub("", text)
    return "{" in rest or "}" in rest


def has_loose_bracket(text: str) -> bool:
    """Return whether a bracket has no partner or holds another one."""
    rest = _BRACKETED.sub("", text)
    return "[" in rest or "]" in rest


def has_invisible(text: str) -> bool:
    """Return whether there is a character that nobody can see. Line ends of every system are none."""
    return any(map(invisible, text.replace("\r\n", "\n")))


def links(text: str) -> Iterator[str]:
    """Yield each address of a page that was typed. An address of mail is none."""
    for found in _LINK.finditer(text):
        yield found[0].rstrip(".,;:!?)")


def says_how_to_stop(text: str) -> bool:
    """Return whether the text names the word that stops messages, as carriers know it."""
    return _STOP.search(without_optional(text)) is not None


def taken_replies(text: str) -> Iterator[str]:
    """Yield each word that the text asks for as an answer and that carriers take for themselves."""
    seen = {found[0].upper() for found in _SHOUTED.finditer(text)}
    seen |= {found[1].upper() for found in _REQUESTED.finditer(text)}
    seen |= {found[0] for found in _STOP_FOR_A_VISIT.finditer(text)}
    yield from sorted(seen)


def asks_to_confirm(text: str) -> bool:
    """Return whether the text, whatever is filled into it, speaks of confirming or of the answer that confirms (1, C, OK)."""
    return _CONFIRM.search(without_placeholders(text)) is not None
