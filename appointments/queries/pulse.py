"""Has anything changed that a board of this day shows? One statement over the day's own rows (docs/decisions/0080)."""

import datetime as dt
import hashlib
import uuid
from typing import Final

from django.db import connection

# Each part is a count and an exclusive-or over hashes of (row, version), so that no order matters and no two states look
# alike: sums of versions do, when one visit leaves the day as another of its version comes. Openings are replaced by an edit
# of hours and claims by a change of their owner, so their own identifiers tell. What is bounded by eight and twelve hours is
# bounded by constraints.
_PULSE: Final = """
SELECT
  (SELECT ROW(count(*), bit_xor(uuid_hash_extended(id, version)))::text FROM appointments_appointment
   WHERE clinic_id = %(clinic)s AND starts_at > %(start)s::timestamptz - interval '8 hours' AND starts_at < %(end)s
     AND ends_at > %(start)s),
  (SELECT ROW(count(*), bit_xor(uuid_hash_extended(id, 0)))::text FROM appointments_hold
   WHERE clinic_id = %(clinic)s AND expires_at > statement_timestamp() AND starts_at < %(end)s AND ends_at > %(start)s),
  (SELECT ROW(count(*), bit_xor(hash_range_extended(during, id)), bit_xor(hash_array_extended(serves, id)))::text
   FROM providers_opening WHERE clinic_id = %(clinic)s AND during && tstzrange(%(start)s, %(end)s)),
  (SELECT ROW(count(*), bit_xor(uuid_hash_extended(id, version)))::text FROM providers_closure
   WHERE clinic_id = %(clinic)s AND NOT cancelled AND starts_at < %(end)s AND ends_at > %(start)s),
  (SELECT ROW(count(*), bit_xor(uuid_hash_extended(away.id, away.version)))::text
   FROM providers_practitionerrole AS role JOIN providers_timeoff AS away ON away.resource_id = role.provider_id
   WHERE role.clinic_id = %(clinic)s AND NOT away.cancelled AND away.starts_at < %(end)s AND away.ends_at > %(start)s),
  (SELECT ROW(count(*), bit_xor(hashint8extended(claim.id, 0)))::text
   FROM providers_practitionerrole AS role
   JOIN appointments_claim AS claim ON claim.resource_id = role.provider_id
     AND lower(claim.during) > %(start)s::timestamptz - interval '12 hours' AND lower(claim.during) < %(end)s
     AND upper(claim.during) > %(start)s AND (claim.expires_at IS NULL OR claim.expires_at > statement_timestamp())
   LEFT JOIN appointments_appointment AS visit ON visit.id = claim.appointment_id
   LEFT JOIN appointments_session AS session ON session.id = claim.session_id
   LEFT JOIN appointments_hold AS hold ON hold.id = claim.hold_id
   WHERE role.clinic_id = %(clinic)s
     AND EXISTS (SELECT FROM providers_practitionerrole AS other
                 WHERE other.provider_id = role.provider_id AND other.clinic_id <> role.clinic_id)
     AND coalesce(visit.clinic_id, session.clinic_id, hold.clinic_id) <> %(clinic)s)
"""


def pulse_of(clinic_id: uuid.UUID, start: dt.datetime, end: dt.datetime) -> str:
    """Return a digest (24 hex digits) of what a board of the clinic shows between these instants; equal while nothing changed.

    Visits with their versions, live holds, openings, closures, time off, and what other clinics take of the same people's
    time. A visit that left changes it, and so does a hold that runs out. Names are not in it: somebody's new name shows with
    the next change. One statement.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PULSE, {"clinic": clinic_id, "start": start, "end": end})
        row: tuple[str, ...] = cursor.fetchone()
    return hashlib.blake2b("|".join(row).encode(), digest_size=12).hexdigest()
