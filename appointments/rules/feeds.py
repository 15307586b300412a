"""A calendar in iCalendar's words (RFC 5545, 7986), line by line, so that thousands of entries cost little. Pure."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

# A subscription is read again about so often, by programs that look at this at all.
REFRESH: Final = "PT15M"

_LONGEST_LINE: Final = 75  # octets, RFC 5545 3.1


@dataclass(frozen=True, slots=True)
class Entry:
    """One time that is taken. `sequence` never falls while the entry is there; `changed_at` is when it last rose."""

    uid: str
    start: dt.datetime
    end: dt.datetime
    summary: str
    location: str
    sequence: int
    changed_at: dt.datetime


def calendar_text(name: str, entries: Iterable[Entry]) -> bytes:
    """Return the calendar of this name with these entries: published, in UTC, taking time and private."""
    return b"".join(_folded(line) for line in _lines(name, entries))


def _lines(name: str, entries: Iterable[Entry]) -> Iterator[str]:
    yield "BEGIN:VCALENDAR"
    yield "VERSION:2.0"
    yield "PRODID:-//MediConnect//Calendar//EN"
    yield "CALSCALE:GREGORIAN"
    yield "METHOD:PUBLISH"
    yield f"NAME:{_escaped(name)}"
    yield f"X-WR-CALNAME:{_escaped(name)}"
    yield f"REFRESH-INTERVAL;VALUE=DURATION:{REFRESH}"
    yield f"X-PUBLISHED-TTL:{REFRESH}"
    for entry in entries:
        yield from _event(entry)
    yield "END:VCALENDAR"


def _event(entry: Entry) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{entry.uid}"
    # The same for the same state, so that an unchanged calendar is the same bytes.
    yield f"DTSTAMP:{_utc(entry.changed_at)}"
    yield f"LAST-MODIFIED:{_utc(entry.changed_at)}"
    yield f"SEQUENCE:{entry.sequence}"
    yield f"DTSTART:{_utc(entry.start)}"
    yield f"DTEND:{_utc(entry.end)}"
    yield f"SUMMARY:{_escaped(entry.summary)}"
    if entry.location:
        yield f"LOCATION:{_escaped(entry.location)}"
    yield "STATUS:CONFIRMED"
    yield "TRANSP:OPAQUE"
    yield "CLASS:PRIVATE"
    yield "END:VEVENT"


def _utc(instant: dt.datetime) -> str:
    return instant.astimezone(dt.UTC).strftime("%Y%m%dT%H%M%SZ")


def _escaped(text: str) -> str:
    """Return the text so that nothing in it ends its line or begins a new value."""
    words = " ".join(text.splitlines()) if not text.isprintable() else text
    kept = "".join(letter for letter in words if letter.isprintable())
    return kept.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")


def _folded(line: str) -> bytes:
    """Return the line in pieces of at most 75 octets, none of which ends within a letter."""
    pieces, rest, room = [], line.encode(), _LONGEST_LINE
    while len(rest) > room:
        cut = room
        while rest[cut] & 0xC0 == 0x80:  # within a letter
            cut -= 1
        pieces.append(rest[:cut])
        rest, room = rest[cut:], _LONGEST_LINE - 1
    pieces.append(rest)
    return b"\r\n ".join(pieces) + b"\r\n"
