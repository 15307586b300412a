"""How long people waited in the waiting room, and how far off what they were told was."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .asking import Asked
from .no_shows import FEW

# The wait begins at the visit's time, or at the arrival where that is later; whoever was early waited by choice. What was
# told is the estimate that stood on the number, counted from when it was given.
_WAITING: Final = """
SELECT grouping(provider.id), coalesce(provider.name, ''), count(*),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seen.wait), percentile_cont(0.9) WITHIN GROUP (ORDER BY seen.wait),
       count(seen.error), percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(seen.error)),
       percentile_cont(0.5) WITHIN GROUP (ORDER BY seen.error), count(*) FILTER (WHERE abs(seen.error) <= 10)
FROM (
    SELECT visit.provider_id,
           greatest(extract(epoch FROM coalesce(visit.roomed_at, visit.started_at) - greatest(visit.starts_at, visit.arrived_at)) / 60, 0) AS wait,
           extract(epoch FROM coalesce(visit.roomed_at, visit.started_at) - ticket.created_at) / 60 - ticket.estimated_minutes AS error
    FROM appointments_appointment AS visit
    LEFT JOIN appointments_ticket AS ticket ON ticket.appointment_id = visit.id AND ticket.estimated_minutes IS NOT NULL
    WHERE visit.clinic_id = %(clinic)s AND visit.starts_at >= %(from)s AND visit.starts_at < %(until)s
      AND visit.arrived_at IS NOT NULL AND coalesce(visit.roomed_at, visit.started_at) IS NOT NULL
      AND visit.status IN ('roomed', 'in_progress', 'completed') AND (%(provider)s::uuid IS NULL OR visit.provider_id = %(provider)s)
) AS seen JOIN providers_resource AS provider ON provider.id = seen.provider_id
GROUP BY GROUPING SETS ((provider.id, provider.name), ())
ORDER BY 1, 2, provider.id
"""


@dataclass(frozen=True, slots=True)
class Wait:
    """How long the patients of one provider, or of all, waited, in minutes; None where nobody did.

    `told` were given an estimate. `error` is the middle distance between it and the truth, `bias` the middle of what was
    longer than told (below zero: shorter), `close` how many were told to within ten minutes.
    """

    name: str
    visits: int
    median: float | None
    ninetieth: float | None
    told: int
    error: float | None
    bias: float | None
    close: int

    @property
    def few(self) -> bool:
        """Whether there are too few visits for the figures to say much."""
        return self.visits < FEW


@dataclass(frozen=True, slots=True)
class WaitingRoom:
    """The waits by provider, by name, and in all."""

    providers: Sequence[Wait]
    total: Wait


def waiting_of(asked: Asked) -> WaitingRoom:
    """Return the waits of the visits that begin in the days asked for; one statement."""
    providers, total = list[Wait](), list[Wait]()
    for in_all, *values in asked.rows(_WAITING):
        (total if in_all else providers).append(Wait(*values))
    return WaitingRoom(providers, total[0])
