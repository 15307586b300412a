"""What would stand in the way of many visits, found in one statement: a first look, the booking itself has the last word."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from appointments.models.status import CLAIMING

_LOOK: Final = """
SELECT wish.number,
  coalesce((
    SELECT range_agg(during) @> tstzrange(wish.starts, wish.ends) FROM providers_opening
    WHERE resource_id = wish.provider AND clinic_id = %(clinic)s AND during && tstzrange(wish.starts, wish.ends)
      AND (serves IS NULL OR wish.type = ANY (serves))), false),
  EXISTS (
    SELECT FROM appointments_claim AS claim LEFT JOIN appointments_session AS meeting ON meeting.id = claim.session_id
    WHERE claim.resource_id = wish.provider AND lower(claim.during) > wish.occupied_from - interval '12 hours'
      AND lower(claim.during) < wish.occupied_until AND upper(claim.during) > wish.occupied_from
      AND coalesce(claim.expires_at > statement_timestamp(), true)
      AND NOT coalesce(meeting.appointment_type_id = wish.type AND meeting.starts_at = wish.starts, false)),
  EXISTS (
    SELECT FROM appointments_appointment AS visit
    WHERE visit.patient_id = wish.patient AND visit.status = ANY (%(claiming)s)
      AND visit.during && tstzrange(wish.starts, wish.ends))
FROM unnest(%(numbers)s::int[], %(providers)s::uuid[], %(types)s::uuid[], %(patients)s::uuid[], %(starts)s::timestamptz[],
            %(ends)s::timestamptz[], %(occupied_from)s::timestamptz[], %(occupied_until)s::timestamptz[])
  AS wish(number, provider, type, patient, starts, ends, occupied_from, occupied_until)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wished:
    """A visit that a row asks for, by the row's number; buffers are minutes."""

    number: int
    provider_id: uuid.UUID
    appointment_type_id: uuid.UUID
    patient_id: uuid.UUID
    start: dt.datetime
    end: dt.datetime
    buffer_before: int = 0
    buffer_after: int = 0


@dataclass(frozen=True, slots=True)
class Way:
    """What was found: whether the provider is there, is taken, and whether the patient is somewhere else."""

    open: bool
    taken: bool
    elsewhere: bool


def look(clinic_id: uuid.UUID, wishes: Sequence[Wished]) -> Mapping[int, Way]:
    """Return for each row's number what is in the way; one statement, none for no wishes."""
    if not wishes:
        return {}
    minutes = [(dt.timedelta(minutes=w.buffer_before), dt.timedelta(minutes=w.buffer_after)) for w in wishes]
    parameters: dict[str, Any] = {
        "clinic": clinic_id,
        "claiming": [str(status) for status in CLAIMING],
        "numbers": [wish.number for wish in wishes],
        "providers": [wish.provider_id for wish in wishes],
        "types": [wish.appointment_type_id for wish in wishes],
        "patients": [wish.patient_id for wish in wishes],
        "starts": [wish.start for wish in wishes],
        "ends": [wish.end for wish in wishes],
        "occupied_from": [w.start - before for w, (before, _after) in zip(wishes, minutes, strict=True)],
        "occupied_until": [w.end + after for w, (_before, after) in zip(wishes, minutes, strict=True)],
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOOK, parameters)
        return {number: Way(*found) for number, *found in cursor.fetchall()}
