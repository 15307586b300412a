"""The HTML of a mail: the same text, in a plain frame that a screen reader and a dark screen can read."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final, Literal

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import translation

from notifications.models import Kind
from notifications.services.defaults import spoken

_ITEM: Final = "- "
_AFTER_A_LINK: Final = ".,;:!?)"


@dataclass(frozen=True, slots=True)
class Piece:
    """Words, or one of our own links."""

    text: str
    is_link: bool = False


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph of lines, a list of lines, or a link that stands alone and becomes a button.

    What follows a colon, as the time of a visit does, is what the mail is about: `is_announced`.
    """

    form: Literal["paragraph", "list", "button"]
    lines: tuple[tuple[Piece, ...], ...]
    is_announced: bool = False


def as_html(*, kind: Kind, language: str, subject: str, body: str) -> str:
    """Return the HTML alternative of a mail, made from the text that is sent beside it and from nothing else.

    The same text gives the same HTML, so that a second attempt is like the first. Only addresses of our own become
    links, whatever people's names look like; all else is escaped.
    """
    with translation.override(spoken(language)):
        frame = {
            "language": spoken(language),
            "subject": subject,
            "blocks": blocks_of(body),
            "of_visit": kind.about_a_visit,
        }
        return render_to_string("notifications/email/frame.html", frame)


def blocks_of(body: str) -> list[Block]:
    """Return a mail's text in the blocks that its HTML shows."""
    parts = [part for part in body.split("\n\n") if part.strip()]
    return [
        replace(_block(part), is_announced=before.rstrip().endswith(":"))
        for before, part in zip(["", *parts], parts, strict=False)
    ]


def _block(part: str) -> Block:
    lines = [line for line in part.split("\n") if line.strip()]
    if all(line.startswith(_ITEM) for line in lines):
        return Block("list", tuple(_pieces(line.removeprefix(_ITEM)) for line in lines))
    pieces = tuple(map(_pieces, lines))
    alone = len(pieces) == 1 and len(pieces[0]) == 1 and pieces[0][0].is_link
    return Block("button" if alone else "paragraph", pieces)


def _pieces(line: str) -> tuple[Piece, ...]:
    return tuple(_cut(line))


def _cut(line: str) -> Iterator[Piece]:
    ours = re.compile(re.escape(settings.PUBLIC_URL.rstrip("/") + "/") + r"[^\s<>\"]*")
    end = 0
    for found in ours.finditer(line):
        link = found[0].rstrip(_AFTER_A_LINK)
        if found.start() > end:
            yield Piece(line[end : found.start()])
        yield Piece(link, is_link=True)
        end = found.start() + len(link)
    if end < len(line):
        yield Piece(line[end:])
