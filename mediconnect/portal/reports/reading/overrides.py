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


# The wait begins at the visit's time, or at the arrival where that is later; whoever was early waited by choice.
_WAITS: Final = """
SELECT overbooked, count(DISTINCT (provider_id, day)), count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY wait), percentile_cont(0.9) WITHIN GROUP (ORDER BY wait)
FROM (
    SELECT visit.provider_id, (visit.starts_at AT TIME ZONE %(zone)s)::date AS day,
           greatest(extract(epoch FROM coalesce(visit.roomed_at, visit.started_at) - greatest(visit.starts_at, visit.arrived_at)) / 60, 0) AS wait,
           bool_or(visit.override_reason <> '') OVER (PARTITION BY visit.provider_id, (visit.starts_at AT TIME ZONE %(zone)s)::date) AS overbooked
    FROM appointments_appointment AS visit
    WHERE visit.clinic_id = %(clinic)s AND visit.starts_at >= %(from)s AND visit.starts_at < %(until)s
      AND visit.arrived_at IS NOT NULL AND coalesce(visit.roomed_at, visit.started_at) IS NOT NULL
      AND visit.status IN ('roomed', 'in_progress', 'completed') AND (%(provider)s::uuid IS NULL OR visit.provider_id = %(provider)s)
) AS seen GROUP BY overbooked ORDER BY overbooked
"""


@dataclass(frozen=True, slots=True)
class WaitingTimes:
    """How long people waited, in minutes, on days of a provider with (or without) a visit over the rules."""

    overbooked: bool
    days: int
    visits: int
    median: float
    ninetieth: float


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


def waiting_times_of(asked: Asked) -> Sequence[WaitingTimes]:
    """Return how long people waited on overbooked days of a provider and on others; at most two, one statement."""
    return [WaitingTimes(*row) for row in asked.rows(_WAITS)]
