"""The day sheet in words: every time, date and number as the clinic writes them, ready for a page or a file."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from appointments.models import Status
from mediconnect.habits import Habits
from providers.models import Clinic

from .reading import Calendar, Gap, Visit

_HERE = {Status.ARRIVED, Status.ROOMED, Status.IN_PROGRESS, Status.COMPLETED}

# Lines to write on: a quiet page gets as many as a busy one.
WALK_INS = range(4)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the sheet. A free one has a time and a length and nothing else."""

    time: str
    free: str = ""
    given_name: str = ""
    family_name: str = ""
    born: str = ""
    record_number: str = ""
    phone: str = ""
    type: str = ""
    room: str = ""
    status: str = ""
    has_notes: bool = False
    is_here: bool = False
    is_seen: bool = False


@dataclass(frozen=True, slots=True)
class ProviderPage:
    """One provider's page. `gone` are those who cancelled or did not come, in case they are at the door."""

    provider_id: uuid.UUID
    name: str
    hours: str
    lines: Sequence[Line]
    gone: Sequence[Line]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A clinic's day, and when it was written down."""

    clinic: str
    day: str
    written_at: str
    pages: Sequence[ProviderPage]
    walk_ins: range = WALK_INS


def sheet_of(clinic: Clinic, day: dt.date, calendars: Iterable[Calendar], *, now: dt.datetime) -> Sheet:
    """Return the sheet in the language of the moment and the habits of the clinic."""
    habits = Habits.of(clinic, get_language() or "en")
    pages = [_page(calendar, habits) for calendar in calendars]
    return Sheet(clinic.name, habits.day_and_date(day), habits.moment(now), pages)


def kept_words(clinic: Clinic, kept_at: dt.datetime | None) -> str:
    """Return when the clinic's sheets were last written as files, in a sentence."""
    if kept_at is None:
        return _("No sheets are kept as files yet: an outage would find you without one.")
    when = Habits.of(clinic, get_language() or "en").moment(kept_at)
    return _("Kept as a file for an outage: %(when)s.") % {"when": when}


def _page(calendar: Calendar, habits: Habits) -> ProviderPage:
    return ProviderPage(
        calendar.provider_id,
        calendar.name,
        ", ".join(_span(piece, habits) for piece in calendar.hours),
        [_line(entry, habits) if isinstance(entry, Visit) else _free(entry, habits) for entry in calendar.entries],
        [_line(visit, habits) for visit in calendar.gone],
    )


def _span(piece: Gap | Visit, habits: Habits) -> str:
    return f"{habits.time(piece.start)}–{habits.time(piece.end)}"


def _free(gap: Gap, habits: Habits) -> Line:
    length = int((gap.end - gap.start).total_seconds() // 60)
    return Line(_span(gap, habits), free=_("free, %(length)s") % {"length": habits.duration(length)})


def _line(visit: Visit, habits: Habits) -> Line:
    return Line(
        _span(visit, habits),
        given_name=visit.given_name,
        family_name=visit.family_name,
        born=habits.date(visit.birth_date) if visit.birth_date else "",
        record_number=visit.record_number,
        phone=habits.phone(visit.phone) if visit.phone else "",
        type=_("%(type)s, with %(provider)s") % {"type": visit.type, "provider": visit.beside}
        if visit.beside
        else visit.type,
        room=visit.room,
        status="" if visit.status == Status.BOOKED else _(Status(visit.status).label),
        has_notes=visit.has_notes,
        is_here=visit.status in _HERE,
        is_seen=visit.status == Status.COMPLETED,
    )
