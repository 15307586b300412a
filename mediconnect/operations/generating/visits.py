"""The visits of a load test, with the claims and the history that triggers would have written."""

import datetime as dt
import uuid
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from django.db import connection

from appointments.models.status import CLAIMING, Status
from providers.rules.pieces import Piece

from .copying import copied
from .people import Place
from .sizing import DAYS_AHEAD, SLOT_MINUTES, Share, cells

COLUMNS: Final = [
    "id",
    "created_at",
    "version",
    "updated_at",
    "clinic_id",
    "provider_id",
    "room_id",
    "appointment_type_id",
    "patient_id",
    "starts_at",
    "ends_at",
    "buffer_before",
    "buffer_after",
    "status",
    "source",
    "reason",
    "patient_note",
    "internal_note",
    "cancellation_reason",
    "override_reason",
    "ended_at",
]

_SLOT: Final = dt.timedelta(minutes=SLOT_MINUTES)
_WITH_ROOM: Final = 4  # each fourth visit is an examination in the provider's office

# What the triggers would have written for each row, in one statement each. `%s` is when this load began.
_CLAIMS: Final = """
INSERT INTO appointments_claim (resource_id, during, appointment_id, exclusive)
SELECT taken, visit.during, visit.id, true
FROM appointments_appointment AS visit, unnest(ARRAY[visit.provider_id, visit.room_id]) AS taken
WHERE visit.clinic_id = ANY (%(clinics)s) AND visit.status = ANY (%(claiming)s) AND taken IS NOT NULL
"""
_HISTORY: Final = """
INSERT INTO records_change (record_type, record_id, version, operation, before, after, at, request_id, reason)
SELECT 'appointments_appointment', id, version, 'insert', '{}', to_jsonb(visit), created_at, '', 'load test'
FROM appointments_appointment AS visit WHERE clinic_id = ANY (%(clinics)s)
"""


def days_of_visits(days: Sequence[Piece], workdays: int, now: dt.datetime) -> list[Piece]:
    """Return so many working days around now: half of them to come, as far as people book ahead, the rest gone by."""
    gone = [day for day in days if day.start < now]
    to_come = [day for day in days if now <= day.start < now + dt.timedelta(days=DAYS_AHEAD)]
    ahead = to_come[: workdays // 2]
    return [*gone[len(gone) - (workdays - len(ahead)) :], *ahead]


def copy_visits(
    place: Place,
    share: Share,
    days: Sequence[Piece],
    now: dt.datetime,
    new_id: Callable[[], uuid.UUID],
    tick: Callable[[], object],
) -> int:
    """Write the visits of a clinic and return how many there are; `tick` is called for each."""
    return copied("appointments_appointment", COLUMNS, _rows(place, share, days, now, new_id, tick))


def _rows(
    place: Place,
    share: Share,
    days: Sequence[Piece],
    now: dt.datetime,
    new_id: Callable[[], uuid.UUID],
    tick: Callable[[], object],
) -> Iterator[Sequence[Any]]:
    stamp = now.isoformat()
    for number, cell in enumerate(cells(share, len(days))):
        starts_at = days[cell.day].start + cell.slot * _SLOT
        ends_at = starts_at + _SLOT
        status = _status(number, starts_at, ends_at, now)
        examined = number % _WITH_ROOM == 0
        tick()
        yield (
            new_id(),
            stamp,
            1,
            stamp,
            place.clinic.pk,
            place.providers[cell.provider],
            place.rooms[cell.provider] if examined else None,
            place.room_type if examined else place.plain_type,
            place.patients[cell.patient],
            starts_at,
            ends_at,
            0,
            0,
            status,
            "imported",  # nobody booked it here, so no fact says so
            "",
            "",
            "",
            "clinic_other" if status == Status.CANCELLED else "",
            "",
            ends_at if status in {Status.COMPLETED, Status.NO_SHOW} else None,
        )


def _status(number: int, starts_at: dt.datetime, ends_at: dt.datetime, now: dt.datetime) -> str:
    """Return where a visit stands: of a hundred gone by, 8 were cancelled and 7 missed; of those to come 35 are confirmed."""
    draw = number * 2_654_435_761 % 4_294_967_296 % 100  # Knuth's multiplier: spread, and the same each time
    if starts_at <= now < ends_at:
        return Status.IN_PROGRESS.value
    if ends_at <= now:
        return (Status.CANCELLED if draw < 8 else Status.NO_SHOW if draw < 15 else Status.COMPLETED).value
    return (Status.CANCELLED if draw < 5 else Status.CONFIRMED if draw < 40 else Status.BOOKED).value


def write_claims(clinics: Sequence[uuid.UUID]) -> None:
    """Write what the visits of these new clinics occupy."""
    with connection.cursor() as cursor:
        cursor.execute(_CLAIMS, {"clinics": list(clinics), "claiming": [status.value for status in CLAIMING]})


def write_history(clinics: Sequence[uuid.UUID]) -> None:
    """Write the beginning of the history of each visit of these new clinics."""
    with connection.cursor() as cursor:
        cursor.execute(_HISTORY, {"clinics": list(clinics)})
