"""What the forms of a visit say: read once, refused in words, kept as it was typed."""

import datetime as dt
import uuid
import zoneinfo
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop

from appointments.services.moving import KEPT
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError, Invalid, VersionRequired

from .errors import TimeRepeated, TimeSkipped

SHORTEST: Final = 5  # minutes, as the database has it
LONGEST: Final = 480
_REASON: Final = 200  # letters of an override's reason, as the column has it


def expected_of(form: QueryDict) -> Expected:
    """Return the version that the page was made from. Raises `VersionRequired`, or `Invalid` for what is none."""
    words = form.get("version", "")
    if not words:
        raise VersionRequired
    version = _number(words)
    if not 0 < version < 1_000_000_000:
        raise Invalid.field("version", gettext_noop("A version is a whole number from 1."))
    return Expected(version, by_header=False)


def version_seen(form: QueryDict) -> int:
    """Return the version that a form was made from, 0 where it says none that could be read."""
    try:
        return expected_of(form).version
    except DomainError:
        return 0


def start_of(words: str, zone: zoneinfo.ZoneInfo) -> dt.datetime:
    """Return the instant that words like 2026-11-30T09:30 name by the clinic's clock; one with an offset names its own.

    Raises `Invalid` for what is no time, `TimeSkipped` and `TimeRepeated` where the clock is changed around it.
    """
    try:
        wall = parse_datetime(words)
    except ValueError:
        wall = None
    if wall is None or not 1990 < wall.year < 2101:
        raise Invalid.field("start", gettext_noop("Give a day and a time."))
    if wall.tzinfo is not None:
        return wall.astimezone(zone)
    first, second = (wall.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    ahead = (first.utcoffset() or dt.timedelta()) - (second.utcoffset() or dt.timedelta())
    if not ahead:
        return first
    readings = sorted(reading.astimezone(dt.UTC) for reading in (first, second))
    choices = [reading.astimezone(zone) for reading in readings]
    raise TimeSkipped(choices) if ahead < dt.timedelta() else TimeRepeated(choices)


def wall_words(form: Mapping[str, Any]) -> str:
    """Return the start that a form names: in one field, or as a date and a time."""
    whole = str(form.get("start") or "")
    date, time = str(form.get("date") or ""), str(form.get("time") or "")
    return whole or (f"{date}T{time}" if date and time else "")


def minutes_of(words: str) -> int | None:
    """Return a length in minutes, or None where none is given. Raises `Invalid`."""
    if not words:
        return None
    minutes = _number(words)
    if not SHORTEST <= minutes <= LONGEST or minutes % 5:
        raise Invalid.field("minutes", gettext_noop("A visit lasts 5 to 480 minutes, in steps of 5."))
    return minutes


def _number(words: str) -> int:
    """Return a whole number written in at most ten plain digits, 0 for anything else."""
    return int(words) if words.isascii() and words.isdigit() and len(words) <= 10 else 0


def identifier_of(words: str, field: str) -> uuid.UUID | None:
    """Return an identifier, or None where none is given. Raises `Invalid`."""
    if not words:
        return None
    try:
        return uuid.UUID(words)
    except ValueError:
        raise Invalid.field(field, "Choose one of the list.") from None


def _chosen(form: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the form with what its button says: a start and whose it is, parted by a space."""
    start, _space, provider = str(form.get("to") or "").partition(" ")
    return {**form, "start": start, "provider": provider} if start else form


@dataclass(frozen=True, slots=True)
class Move:
    """Where a visit shall go. `provider_id` and `minutes` are None where they stay; `why` is an override's reason.

    `second` is who is there as well from then on, None nobody; `KEPT` where the form does not speak of it.
    """

    start: dt.datetime
    provider_id: uuid.UUID | None
    minutes: int | None
    why: str = ""
    second: uuid.UUID | Literal["kept"] | None = KEPT

    @classmethod
    def of(cls, form: Mapping[str, Any], zone: zoneinfo.ZoneInfo) -> "Move":
        """Return what a form or an address asks for; raises as the readers above do."""
        form = _chosen(form)
        why = str(form.get("override_reason") or "").strip()
        if len(why) > _REASON:
            raise Invalid.field("override_reason", gettext_noop("A reason has 200 letters at most."))
        return cls(
            start_of(wall_words(form), zone),
            identifier_of(str(form.get("provider") or ""), "provider"),
            minutes_of(str(form.get("minutes") or "")),
            why,
            identifier_of(str(form["second"] or ""), "second") if "second" in form else KEPT,
        )

    def again(self) -> dict[str, str]:
        """Return the fields that ask for the same once more."""
        fields = {
            "start": self.start.isoformat(timespec="minutes"),
            "provider": str(self.provider_id or ""),
            "minutes": str(self.minutes or ""),
            "override_reason": self.why,
        }
        second = {} if self.second == KEPT else {"second": str(self.second or "")}
        return {name: value for name, value in fields.items() if value} | second
