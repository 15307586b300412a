"""Everything that new times for displaced visits are chosen from, read in a few statements however many visits there are."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from appointments.models import Appointment
from appointments.models.status import CLAIMING
from appointments.queries.availability import Calendars, Thing, Wanted, calendars_for
from mediconnect.errors import NotFound

from .hits import Hit

# Which calendars are looked at: a type of visit and a length other than the usual one.
Shape = tuple[uuid.UUID, int | None]

# A visit of a patient, and the minutes that it takes.
Attended = tuple[uuid.UUID, int, int]

_CLAIMING: Final = [str(status) for status in CLAIMING]

_SEATS: Final = """
SELECT session.id, session.provider_id, session.appointment_type_id, session.starts_at, session.ends_at, session.room_id,
       session.device_id, session.buffer_before, session.buffer_after,
       session.capacity - (SELECT count(*) FROM appointments_appointment WHERE session_id = session.id AND status = ANY (%(claiming)s))
                        - (SELECT count(*) FROM appointments_hold WHERE session_id = session.id AND expires_at > statement_timestamp())
FROM appointments_session AS session
WHERE provider_id = ANY (%(providers)s) AND appointment_type_id = ANY (%(kinds)s) AND starts_at >= %(since)s AND starts_at < %(until)s
  AND EXISTS (SELECT FROM appointments_claim WHERE session_id = session.id)
ORDER BY session.starts_at, session.id
"""

_LIMITS: Final = """
SELECT kind.id, kind.daily_limit, visit.provider_id, (visit.starts_at AT TIME ZONE clinic.timezone)::date, count(visit.id)
FROM providers_appointmenttype AS kind JOIN providers_clinic AS clinic ON clinic.id = kind.clinic_id
LEFT JOIN appointments_appointment AS visit ON visit.appointment_type_id = kind.id AND visit.status = ANY (%(claiming)s)
  AND visit.provider_id = ANY (%(providers)s)
  AND visit.starts_at >= %(since)s::timestamptz - interval '1 day' AND visit.starts_at < %(until)s::timestamptz + interval '1 day'
WHERE kind.id = ANY (%(kinds)s) AND kind.daily_limit IS NOT NULL
GROUP BY 1, 2, 3, 4
"""


@dataclass(frozen=True, slots=True)
class Seats:
    """A group that meets, and how many seats are free in it."""

    session_id: uuid.UUID
    provider_id: uuid.UUID
    appointment_type_id: uuid.UUID
    starts_at: dt.datetime
    ends_at: dt.datetime
    room_id: uuid.UUID | None
    device_id: uuid.UUID | None
    buffer_before: int
    buffer_after: int
    free: int


@dataclass(frozen=True, slots=True)
class Limits:
    """How many visits of a type a provider sees on a day at most, and how many there are already."""

    most: Mapping[uuid.UUID, int]
    booked: Mapping[tuple[uuid.UUID, uuid.UUID, dt.date], int]


@dataclass(frozen=True, slots=True)
class Grounds:
    """What there is to choose from. A type that nobody of those asked for offers any more has no calendars.

    `beside` holds those who may be second providers of a type without offering it themselves.
    """

    calendars: Mapping[Shape, Calendars]
    seats: Mapping[uuid.UUID, Sequence[Seats]]
    limits: Limits
    beside: Mapping[tuple[uuid.UUID, uuid.UUID], Thing]
    elsewhere: Mapping[uuid.UUID, Sequence[Attended]]


def grounds_of(
    hits: Sequence[Hit], providers: Collection[uuid.UUID], since: dt.datetime, until: dt.datetime
) -> Grounds:
    """Return what new times for these visits, with these providers or their own, are chosen from.

    One statement for each type of visit and unusual length among them, one for each second provider who does not offer the
    type, and three at most for all.
    """
    shapes: dict[Shape, set[uuid.UUID]] = defaultdict(set)
    for hit in hits:
        own = (hit.visit.provider_id, hit.visit.second_provider_id)
        shapes[hit.visit.appointment_type_id, hit.length] |= {*providers, *(one for one in own if one)}
    calendars = {}
    for (kind, length), whose in shapes.items():
        found = _calendars(Wanted(kind, since, until, sorted(whose), minutes=length))
        if found is not None:
            calendars[kind, length] = found
    asked = _Asked(
        sorted({hit.visit.appointment_type_id for hit in hits}), sorted(set().union(*shapes.values())), since, until
    )
    has_groups = any(hit.is_seat for hit in hits)
    return Grounds(
        calendars,
        _seats(asked) if has_groups else {},
        _limits(asked),
        _beside(hits, providers, calendars, since, until),
        _elsewhere([hit.visit for hit in hits], since, until),
    )


def _calendars(wanted: Wanted) -> Calendars | None:
    try:
        return calendars_for(wanted)
    except NotFound:
        return None


def _beside(
    hits: Sequence[Hit],
    others: Collection[uuid.UUID],
    calendars: Mapping[Shape, Calendars],
    since: dt.datetime,
    until: dt.datetime,
) -> Mapping[tuple[uuid.UUID, uuid.UUID], Thing]:
    """Return those who are or might be a visit's second provider and do not offer its type: by type and provider."""
    found: dict[tuple[uuid.UUID, uuid.UUID], Thing] = {}
    for hit in hits:
        visit, known = hit.visit, calendars.get((hit.visit.appointment_type_id, hit.length))
        if visit.second_provider_id is None or known is None or not known.providers:
            continue
        first, kind = known.providers[0].id, visit.appointment_type_id
        for second in {visit.second_provider_id, *others} - {one.id for one in known.providers}:
            if (kind, second) not in found:
                alone = _calendars(Wanted(kind, since, until, [first], second_provider_id=second))
                if alone is not None and alone.second is not None:
                    found[kind, second] = alone.second
    return found


def minutes_of(start: dt.datetime, end: dt.datetime) -> tuple[int, int]:
    """Return the whole minutes since 1970 that a time touches."""
    return int(start.timestamp() // 60), -int(-end.timestamp() // 60)


@dataclass(frozen=True, slots=True)
class _Asked:
    """Types of visit, providers and a stretch of time, as the statements ask for them."""

    kinds: Sequence[uuid.UUID]
    providers: Sequence[uuid.UUID]
    since: dt.datetime
    until: dt.datetime

    def rows(self, statement: str) -> list[Sequence[Any]]:
        parameters: dict[str, Any] = {
            "kinds": self.kinds,
            "providers": self.providers,
            "since": self.since,
            "until": self.until,
            "claiming": _CLAIMING,
        }
        with connection.cursor() as cursor:
            cursor.execute(statement, parameters)
            rows: list[Sequence[Any]] = cursor.fetchall()
        return rows


def _seats(asked: _Asked) -> Mapping[uuid.UUID, Sequence[Seats]]:
    found: dict[uuid.UUID, list[Seats]] = defaultdict(list)
    for row in asked.rows(_SEATS):
        found[row[2]].append(Seats(*row))
    return found


def _limits(asked: _Asked) -> Limits:
    most: dict[uuid.UUID, int] = {}
    booked: dict[tuple[uuid.UUID, uuid.UUID, dt.date], int] = {}
    for kind, limit, provider, day, count in asked.rows(_LIMITS):
        most[kind] = limit
        booked[kind, provider, day] = count
    return Limits(most, booked)


def _elsewhere(
    visits: Sequence[Appointment], since: dt.datetime, until: dt.datetime
) -> Mapping[uuid.UUID, Sequence[Attended]]:
    """Return when each patient is in which visit; one that is displaced still counts, until it has moved."""
    theirs = Appointment.objects.filter(
        patient__in={visit.patient_id for visit in visits}, status__in=CLAIMING, starts_at__lt=until, ends_at__gt=since
    )
    found: dict[uuid.UUID, list[Attended]] = defaultdict(list)
    for pk, patient, start, end in theirs.values_list("pk", "patient_id", "starts_at", "ends_at"):
        found[patient].append((pk, *minutes_of(start, end)))
    return found
