"""Visits that staff put where the rules would not: which, who, why and when."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .asking import Asked

# The moment is the history's: a visit may have been put there by a move, long after it was booked.
_OVERRIDES: Final = """
SELECT visit.id, visit.starts_at, visit.status, provider.name, kind.name, visit.override_reason, coalesce(person.display_name, ''),
       coalesce(decided.at, visit.created_at)
FROM appointments_appointment AS visit
JOIN providers_resource AS provider ON provider.id = visit.provider_id
JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id
LEFT JOIN accounts_user AS person ON person.id = visit.overridden_by_id
LEFT JOIN LATERAL (
    SELECT max(at) AS at FROM records_change
    WHERE record_type = 'appointments_appointment' AND record_id = visit.id AND after ? 'overridden_by_id') AS decided ON true
WHERE visit.clinic_id = %(clinic)s AND visit.starts_at >= %(from)s AND visit.starts_at < %(until)s
  AND visit.override_reason <> '' AND (%(provider)s::uuid IS NULL OR visit.provider_id = %(provider)s)
ORDER BY visit.starts_at, visit.id
"""


@dataclass(frozen=True, slots=True)
class Override:
    """One visit that was put there on purpose. `reason` is what the person typed."""

    visit_id: uuid.UUID
    starts_at: dt.datetime
    status: str
    provider: str
    type: str
    reason: str
    person: str
    decided_at: dt.datetime


def overrides_of(asked: Asked) -> Sequence[Override]:
    """Return the overrides among the visits of the days asked for, in order of time; one statement.

    Cancelled ones are among them: what was decided was decided.
    """
    return [
        Override(pk, starts.astimezone(asked.zone), status, provider, kind, reason, person, at.astimezone(asked.zone))
        for pk, starts, status, provider, kind, reason, person, at in asked.rows(_OVERRIDES)
    ]
