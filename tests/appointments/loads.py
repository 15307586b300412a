"""Years of visits in a moment: what a plan must not walk through."""

import re
from typing import Any

import pgtrigger
from django.db import connection

from appointments.models import Appointment

# Which of the indexes by time it is depends on how many clinics there are: here it is one.
FOUND_BY_START = re.compile(r"Index Cond: .*\bstarts_at > ")


def years_of_visits(visit: Appointment, *, visits: int) -> None:
    """Copy the visit so many times, one each hour from two hundred days after it on, with their claims; no history is kept."""
    with pgtrigger.ignore(), connection.cursor() as cursor:
        cursor.execute(
            """
            WITH copied AS (
                INSERT INTO appointments_appointment (id, created_at, updated_at, version, clinic_id, provider_id,
                    appointment_type_id, patient_id, starts_at, ends_at, buffer_before, buffer_after, status, source, reason,
                    patient_note, internal_note, cancellation_reason, override_reason)
                SELECT gen_random_uuid(), now(), now(), 1, clinic_id, provider_id, appointment_type_id, patient_id,
                       starts_at + later, ends_at + later, 0, 0, 'booked', 'staff', '', '', '', '', ''
                FROM appointments_appointment, generate_series(1, %s) AS number,
                     LATERAL (SELECT interval '200 days' + number * interval '1 hour' AS later) AS moved
                WHERE id = %s
                RETURNING id, provider_id, during)
            INSERT INTO appointments_claim (resource_id, during, appointment_id, exclusive)
            SELECT provider_id, during, id, true FROM copied
            """,
            [visits, visit.pk],
        )
        cursor.execute("ANALYZE appointments_appointment, appointments_claim")


def plan_of(statement: str, parameters: dict[str, Any]) -> str:
    """Return the plan of the statement, as the database prints it."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}", parameters)
        return "\n".join(line for (line,) in cursor.fetchall())
