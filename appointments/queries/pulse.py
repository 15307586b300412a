"""Has anything changed that a board of this day shows? One statement over the day's own rows (docs/decisions/0080)."""

import datetime as dt
import uuid
from typing import Final

from django.db import connection

# Every update of a visit raises its version, a visit that leaves the day lowers the count, an hour edited is a new row.
_PULSE: Final = """
SELECT md5(concat_ws('|',
    (SELECT concat_ws(',', count(*), sum(version), max(updated_at)) FROM appointments_appointment
     WHERE clinic_id = %(clinic)s AND starts_at > %(start)s::timestamptz - interval '8 hours' AND starts_at < %(end)s),
    (SELECT concat_ws(',', count(*), max(expires_at)) FROM appointments_hold
     WHERE clinic_id = %(clinic)s AND expires_at > statement_timestamp() AND starts_at < %(end)s AND ends_at > %(start)s),
    (SELECT concat_ws(',', count(*), max(id), sum(id)) FROM providers_opening
     WHERE clinic_id = %(clinic)s AND during && tstzrange(%(start)s, %(end)s))))
"""


def pulse_of(clinic_id: uuid.UUID, start: dt.datetime, end: dt.datetime) -> str:
    """Return a digest of the clinic's visits, live holds and openings between these instants; equal while nothing changed.

    A hold that expires changes it as well.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PULSE, {"clinic": clinic_id, "start": start, "end": end})
        row: tuple[str] = cursor.fetchone()
        return row[0]
