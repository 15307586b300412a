"""How many days lie between booking and visit: the middle, the long tail, and how they spread."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from .asking import Asked
from .no_shows import FEW

# The columns of the histogram: from so many days to so many, the last one open. Narrow where most visits lie.
BUCKETS: Final[tuple[tuple[int, int | None], ...]] = (
    (0, 0),
    (1, 1),
    (2, 3),
    (4, 7),
    (8, 14),
    (15, 30),
    (31, 60),
    (61, None),
)

_COUNTS: Final = ", ".join(
    f"count(*) FILTER (WHERE visit.days >= {low}{f' AND visit.days <= {high}' if high is not None else ''})"
    for low, high in BUCKETS
)

# Days of the clinic's calendar, as people count them. What was written down afterwards has no lead time, and what was
# brought in from elsewhere does not say when it was booked.
_LEAD_TIMES: Final = f"""
SELECT grouping(kind.id), coalesce(kind.name, ''), count(*), percentile_disc(0.5) WITHIN GROUP (ORDER BY visit.days),
       percentile_disc(0.9) WITHIN GROUP (ORDER BY visit.days), ARRAY[{_COUNTS}]
FROM (
    SELECT appointment_type_id,
           (starts_at AT TIME ZONE %(zone)s)::date - (created_at AT TIME ZONE %(zone)s)::date AS days
    FROM appointments_appointment
    WHERE clinic_id = %(clinic)s AND starts_at >= %(from)s AND starts_at < %(until)s AND status <> 'cancelled'
      AND source <> 'imported' AND (%(provider)s::uuid IS NULL OR provider_id = %(provider)s)) AS visit
JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id
WHERE visit.days >= 0
GROUP BY GROUPING SETS ((kind.id, kind.name), ())
ORDER BY 1, 2, kind.id
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Waits:
    """Days from booking to visit: at least half of the visits lay within `median`, at least nine in ten within `ninetieth`.

    `counts` are the visits in each of `BUCKETS`.
    """

    name: str
    visits: int
    median: int | None
    ninetieth: int | None
    counts: Sequence[int]

    @property
    def few(self) -> bool:
        """Whether there are too few visits for the figures to say much."""
        return self.visits < FEW


@dataclass(frozen=True, slots=True)
class LeadTimes:
    """The waits by type of visit, by name, and in all."""

    types: Sequence[Waits]
    total: Waits


def lead_times_of(asked: Asked) -> LeadTimes:
    """Return the waits for the visits that begin in the days asked for; one statement."""
    types, total = list[Waits](), list[Waits]()
    for row in asked.rows(_LEAD_TIMES):
        in_all, *values = row
        (total if in_all else types).append(_waits(values))
    return LeadTimes(types, total[0])


def _waits(values: Sequence[Any]) -> Waits:
    name, visits, median, ninetieth, counts = values
    return Waits(name, visits, median, ninetieth, counts)
