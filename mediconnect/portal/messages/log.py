"""The log of a clinic's messages: which are asked for, and a page of them."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mediconnect.api.pages import Cursor, cut
from mediconnect.errors import DomainError
from mediconnect.portal.desk import Desk
from mediconnect.portal.people.forms import id_sent
from mediconnect.portal.people.reading.record import patient_of
from notifications.models import OPEN, REQUEUABLE, Channel, Kind, State
from patients.models import Patient

from .reading import Row, listed, messages_at, row_of
from .words import CHANNELS, KINDS

ON_A_PAGE: Final = 50
_ORDER: Final = ("created_at", "id")

# What a desk looks for, and the states that it means.
STATES: Final[Mapping[str, tuple[str, tuple[State, ...]]]] = {
    "failed": (gettext_noop("Not delivered"), REQUEUABLE),
    "open": (gettext_noop("Still to be sent"), OPEN),
    "sent": (gettext_noop("Sent"), (State.SENT, State.DELIVERED)),
    "skipped": (gettext_noop("Not sent"), (State.SKIPPED,)),
    "discarded": (gettext_noop("Put away"), (State.DISCARDED,)),
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the log is asked for; a word of the address that makes no sense is as if it were not there."""

    state: str = ""
    kind: str = ""
    channel: str = ""
    day: dt.date | None = None
    patient: Patient | None = None

    @property
    def kept(self) -> dict[str, str]:
        """Return what addresses keep of it."""
        words = {
            "state": self.state,
            "kind": self.kind,
            "channel": self.channel,
            "date": self.day.isoformat() if self.day else "",
            "patient": str(self.patient.pk) if self.patient else "",
        }
        return {name: word for name, word in words.items() if word}

    @property
    def query(self) -> str:
        """Return it as the query of an address."""
        return urlencode(self.kept)


@dataclass(frozen=True, slots=True)
class Log:
    """A page of the log, newest first, with the cursors of those after and before it."""

    wanted: Wanted
    rows: Sequence[Row]
    older: str
    newer: str
    states: Sequence[tuple[str, str]]
    kinds: Sequence[tuple[str, str]]
    channels: Sequence[tuple[str, str]]


def wanted(desk: Desk, words: Mapping[str, str]) -> Wanted:
    """Return what an address asks for. A patient of another clinic is nobody: raises `NotFound`."""
    patient = id_sent(words, "patient")
    return Wanted(
        state=words.get("state", "") if words.get("state") in STATES else "",
        kind=words.get("kind", "") if words.get("kind") in _visit_kinds() else "",
        channel=words.get("channel", "") if words.get("channel") in Channel.values else "",
        day=_day(words.get("date", "")),
        patient=patient_of(desk, patient) if patient else None,
    )


def log_of(desk: Desk, asked: Wanted, cursor: str = "") -> Log:
    """Return a page of the log: one statement."""
    messages = messages_at(desk)
    if asked.state:
        messages = messages.filter(state__in=STATES[asked.state][1])
    if asked.kind:
        messages = messages.filter(kind=asked.kind)
    if asked.channel:
        messages = messages.filter(channel=asked.channel)
    if asked.day:
        start, end = desk.span(asked.day)
        messages = messages.filter(created_at__gte=start, created_at__lt=end)
    if asked.patient:
        messages = messages.filter(patient=asked.patient)
    try:
        place = Cursor.parse(cursor, messages, _ORDER) if cursor else None
    except DomainError:
        place = None
    found = cut(listed(messages), order=_ORDER, descending=True, cursor=place, limit=ON_A_PAGE)
    return Log(
        asked,
        [row_of(desk, message) for message in found.rows],
        older=str(found.next or ""),
        newer=str(found.previous or ""),
        states=[(key, _(word)) for key, (word, _states) in STATES.items()],
        kinds=[(kind, _(KINDS[Kind(kind)])) for kind in _visit_kinds()],
        channels=[(channel, _(word)) for channel, word in CHANNELS.items()],
    )


def _visit_kinds() -> list[str]:
    return [kind.value for kind in Kind if kind.about_a_visit]


def _day(text: str) -> dt.date | None:
    try:
        day = parse_date(text)
    except ValueError:
        return None
    return day if day and dt.date(1990, 1, 2) <= day <= dt.date(2100, 12, 30) else None
