"""How many of the patients who were expected did not come: by provider, by type of visit, by weekday."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from .asking import Asked

# Under so many visits a rate says little: one patient more or less moves it by ten points or more.
FEW: Final = 10

_NO_SHOWS: Final = """
SELECT CASE grouping(visit.provider_id, visit.appointment_type_id, visit.weekday)
           WHEN 3 THEN 'provider' WHEN 5 THEN 'type' WHEN 6 THEN 'weekday' ELSE 'total' END,
       coalesce(provider.name, kind.name, visit.weekday::text, ''),
       count(*) FILTER (WHERE visit.status = 'no_show'),
       count(*) FILTER (WHERE visit.status IN ('arrived', 'roomed', 'in_progress', 'completed')),
       count(*) FILTER (WHERE visit.status IN ('booked', 'confirmed'))
FROM (
    SELECT provider_id, appointment_type_id, extract(isodow FROM starts_at AT TIME ZONE %(zone)s)::int AS weekday, status
    FROM appointments_appointment
    WHERE clinic_id = %(clinic)s AND starts_at >= %(from)s AND starts_at < least(%(until)s, %(now)s)
      AND status <> 'cancelled' AND (%(provider)s::uuid IS NULL OR provider_id = %(provider)s)) AS visit
LEFT JOIN providers_resource AS provider ON provider.id = visit.provider_id
LEFT JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id
GROUP BY GROUPING SETS (
    (visit.provider_id, provider.name), (visit.appointment_type_id, kind.name), (visit.weekday), ())
ORDER BY 1, 2, visit.provider_id, visit.appointment_type_id
"""


@dataclass(frozen=True, slots=True)
class Turnout:
    """How many came and how many did not. `unmarked` visits began without anybody saying which: no rate counts them."""

    name: str
    missed: int = 0
    came: int = 0
    unmarked: int = 0

    @property
    def counted(self) -> int:
        """The visits that the rate is of."""
        return self.missed + self.came

    @property
    def percent(self) -> float | None:
        """No-shows in a hundred visits; None where there were none."""
        return 100 * self.missed / self.counted if self.counted else None

    @property
    def few(self) -> bool:
        """Whether there are too few visits for the rate to say much."""
        return self.counted < FEW


@dataclass(frozen=True, slots=True)
class NoShows:
    """The turnout by provider and type (by name), by weekday (`name` is 1 for Monday to 7), and in all."""

    providers: Sequence[Turnout]
    types: Sequence[Turnout]
    weekdays: Sequence[Turnout]
    total: Turnout


def no_shows_of(asked: Asked) -> NoShows:
    """Return the turnout of the visits that began in the days asked for; one statement."""
    groups: dict[str, list[Turnout]] = {"provider": [], "type": [], "weekday": [], "total": []}
    for group, name, missed, came, unmarked in asked.rows(_NO_SHOWS):
        groups[group].append(Turnout(name, missed, came, unmarked))
    return NoShows(groups["provider"], groups["type"], groups["weekday"], groups["total"][0])
