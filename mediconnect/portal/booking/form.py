"""What somebody at the desk has chosen and typed so far: read from an address or a form, never lost between two steps."""

import datetime as dt
import uuid
from dataclasses import dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.dateparse import parse_date

from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from providers.rules.clock import instant_of

LONGEST_REASON: Final = 1000
LONGEST_OVERRIDE: Final = 200
_LOCAL: Final = "%Y-%m-%dT%H:%M"
_FIRST, _LAST = dt.date(1990, 1, 2), dt.date(2100, 12, 30)


@dataclass(frozen=True, slots=True)
class Slot:
    """A start with a provider: what one books. In a form it is one value, `provider@2026-11-30T09:30-05:00`."""

    provider_id: uuid.UUID
    start: dt.datetime

    def __str__(self) -> str:
        return f"{self.provider_id}@{self.start.isoformat(timespec='minutes')}"

    @classmethod
    def read(cls, words: str, desk: Desk) -> "Slot | None":
        """Return the slot that a form's value names, or None for what is none."""
        provider, _, start = words.partition("@")
        instant, known = as_instant(start, desk), as_id(provider)
        return cls(known, instant) if instant is not None and known is not None else None


@dataclass(frozen=True, slots=True)
class Draft:
    """A booking as far as it goes. `wish` is a time asked for by name, `slot` one that was picked, `take` one picked to be booked at once. `second` is who is to be there as well.

    `look_from` is the first day to offer, `after` the moment from which the next few are. `day`, `who` and `back` belong to the page beneath: its day, its filter, and where to go on afterwards.
    """

    patient: uuid.UUID | None = None
    kind: uuid.UUID | None = None
    provider: uuid.UUID | None = None
    second: uuid.UUID | None = None
    slot: Slot | None = None
    take: Slot | None = None
    wish: dt.datetime | None = None
    look_from: dt.date | None = None
    after: dt.datetime | None = None
    q: str = ""
    reason: str = ""
    hold: uuid.UUID | None = None
    override: bool = False
    override_reason: str = ""
    day: dt.date | None = None
    who: str = ""
    back: str = ""
    act: str = ""

    def but(self, **changes: Any) -> "Draft":
        """Return the draft with other values in some places."""
        return replace(self, **changes)

    def address(self, desk: Desk) -> str:
        """Return the panel's own address: identifiers and times, never what was typed."""
        words = {
            "patient": self.patient,
            "type": self.kind,
            "provider": self.provider,
            "second": self.second,
            "start": self.wish.astimezone(desk.zone).strftime(_LOCAL) if self.wish else None,
            "from": self.look_from if not self.wish else None,
            "date": self.day,
            "who": self.who,
        }
        known = urlencode({name: value for name, value in words.items() if value})
        return reverse("portal:book", kwargs={"clinic": desk.clinic.pk}) + (f"?{known}" if known else "")


def read_draft(fields: QueryDict, desk: Desk) -> Draft:
    """Return what an address or a form says. Raises `NotFound` for an identifier that is none; odd times are passed over."""
    wish = _wish(fields, desk)
    return Draft(
        patient=_named(fields, "patient"),
        kind=_named(fields, "type"),
        provider=_named(fields, "provider"),
        second=_named(fields, "second"),
        slot=Slot.read(fields.get("when", ""), desk),
        take=Slot.read(fields.get("take", ""), desk),
        wish=wish,
        look_from=_date(fields.get("from", "")),
        after=as_instant(fields.get("after", ""), desk),
        q=fields.get("q", "").strip(),
        reason=fields.get("reason", "").strip(),
        hold=as_id(fields.get("hold", "")),
        override=fields.get("override") == "yes",
        override_reason=fields.get("override_reason", "").strip(),
        day=_date(fields.get("date", "")) or (wish.astimezone(desk.zone).date() if wish else None),
        who=fields.get("who", ""),
        back=fields.get("next", ""),
        act=fields.get("act", ""),
    )


def as_instant(words: str, desk: Desk) -> dt.datetime | None:
    """Return the moment that 2026-11-30T09:30 means by the clinic's clock, or one with an offset; None for neither.

    An hour shown twice means the first time, one that is skipped the moment after it. Seconds are cut off.
    """
    try:
        moment = dt.datetime.fromisoformat(words.replace(" ", "+")).replace(second=0, microsecond=0)
    except ValueError:
        return None
    if not _FIRST <= moment.date() <= _LAST:
        return None
    if moment.tzinfo is None:
        moment = instant_of(moment, desk.zone)
    return moment.astimezone(desk.zone)


def as_id(words: str) -> uuid.UUID | None:
    """Return the identifier that the words are, or None."""
    try:
        return uuid.UUID(words)
    except ValueError:
        return None


def _named(fields: QueryDict, name: str) -> uuid.UUID | None:
    words = fields.get(name, "")
    if not words:
        return None
    found = as_id(words)
    if found is None:
        raise NotFound
    return found


def _wish(fields: QueryDict, desk: Desk) -> dt.datetime | None:
    """Return the time asked for: `start` of an address, or the two fields of the form."""
    day, time = fields.get("from", ""), fields.get("at", "")
    return as_instant(f"{day}T{time}" if day and time else fields.get("start", ""), desk)


def _date(words: str) -> dt.date | None:
    try:
        day = parse_date(words)
    except ValueError:
        return None
    return day if day and _FIRST <= day <= _LAST else None
