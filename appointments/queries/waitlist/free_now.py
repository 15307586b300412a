"""What somebody who would wait could have at once: the calendar's own free times that meet the wish."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.models import WaitlistEntry
from appointments.queries.availability import Wanted, free_time
from appointments.rules.terms import zone_of
from appointments.rules.waitlist import Asking
from mediconnect.errors import NotFound

SHOWN: Final = 3
# Looked at in one statement; most wishes that can be met at all are met within.
_WINDOW: Final = dt.timedelta(days=14)
_LONGEST: Final = dt.timedelta(days=370)


@dataclass(frozen=True, slots=True)
class FreeStart:
    """A time that is free: when, for how long, with whom."""

    start: dt.datetime
    end: dt.datetime
    provider_id: uuid.UUID


def asking_of(entry: WaitlistEntry) -> Asking:
    """Return a wish as the rules see it."""
    return Asking(
        entry.from_date,
        entry.until_date,
        frozenset(entry.providers),
        frozenset(entry.weekdays),
        entry.earliest_time,
        entry.latest_time,
        entry.notice_minutes,
    )


def free_for(entry: WaitlistEntry, *, by_patient: bool, limit: int = SHOWN) -> list[FreeStart]:
    """Return the first free times that meet a wish that is kept, as `free_now` does for any."""
    return free_now(
        asking_of(entry),
        appointment_type_id=entry.appointment_type_id,
        timezone_name=entry.clinic.timezone,
        by_patient=by_patient,
        before=entry.appointment.starts_at if entry.appointment else None,
        limit=limit,
    )


def free_now(
    asking: Asking,
    *,
    appointment_type_id: uuid.UUID,
    timezone_name: str,
    by_patient: bool,
    before: dt.datetime | None = None,
    limit: int = SHOWN,
) -> list[FreeStart]:
    """Return the first free times that meet the wish, `limit` at most, in order; none where nobody offers the type.

    `before` is when the visit begins that would come sooner. One statement for each two weeks that are looked through.
    """
    zone, now = zone_of(timezone_name), timezone.now()
    first = max(now, dt.datetime.combine(asking.from_date, dt.time(), zone))
    last = dt.datetime.combine(asking.until_date + dt.timedelta(days=1), dt.time(), zone)
    last = min(last, now + _LONGEST, *([before] if before else []))
    found: list[FreeStart] = []
    while first < last and len(found) < limit:
        until = min(first + _WINDOW, last)
        providers = sorted(asking.providers) or None
        try:
            free = free_time(Wanted(appointment_type_id, first, until, providers, by_patient))
        except NotFound:
            return found
        for minute, place, _room in free.starts:
            start = dt.datetime.fromtimestamp(minute * 60, dt.UTC)
            end = start + dt.timedelta(minutes=free.durations[place])
            provider = free.providers[place]
            if asking.meets(start, end, provider, zone) and asking.knows_in_time(start, now):
                found.append(FreeStart(start, end, provider))
            if len(found) == limit:
                break
        first = until
    return found
