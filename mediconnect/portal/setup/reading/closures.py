"""When the clinic is closed: what was entered, and which public holidays close it by themselves."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from mediconnect.portal.holidays import holidays_in_words
from providers.models import Closure, TimeOff
from providers.rules.clock import start_of_day

_DAY: Final = dt.timedelta(days=1)
_PAST_LISTED: Final = 10
_YEAR: Final = dt.timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Closed:
    """A closure by the clinic's clock. `whole` days have no times; `last` is the last day, included."""

    row: Closure | TimeOff
    first: dt.date
    last: dt.date
    whole: bool


@dataclass(frozen=True, slots=True)
class Closures:
    """What the page lists."""

    coming: list[Closed]
    past: list[Closed]
    withdrawn: list[Closed]
    holidays: list[tuple[dt.date, str]]


def closures_of(desk: Desk) -> Closures:
    """Return closures to come in order, the last ten that are over, the last ten withdrawn, and a year of holidays."""
    rows = Closure.objects.filter(clinic=desk.clinic.pk)
    coming = rows.filter(cancelled=False, ends_at__gt=desk.now).order_by("starts_at")
    past = rows.filter(cancelled=False, ends_at__lte=desk.now).order_by("-starts_at")[:_PAST_LISTED]
    withdrawn = rows.filter(cancelled=True).order_by("-updated_at")[:_PAST_LISTED]
    holidays = holidays_in_words(desk.clinic.region, desk.today, desk.today + _YEAR)
    coming_in_words, past_in_words, withdrawn_in_words = (
        [closed(desk, row) for row in some] for some in (coming, past, withdrawn)
    )
    return Closures(coming_in_words, past_in_words, withdrawn_in_words, holidays)


def closure_of(desk: Desk, closure_id: uuid.UUID) -> Closure:
    """Return a closure of the clinic; raises `NotFound`."""
    row = Closure.objects.filter(clinic=desk.clinic.pk, pk=closure_id).first()
    if row is None:
        raise NotFound
    return row


def closed(desk: Desk, row: Closure | TimeOff) -> Closed:
    """Return a closure as the page says it."""
    start, end = row.starts_at.astimezone(desk.zone), row.ends_at.astimezone(desk.zone)
    to_midnight = end == start_of_day(end.date(), desk.zone)
    last = end.date() - _DAY if to_midnight else end.date()
    whole = to_midnight and start == start_of_day(start.date(), desk.zone)
    return Closed(row, start.date(), last, whole)
