"""How much of the open time was booked, and how much was lost: per provider, per day and in all."""

import datetime as dt
import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final, TypeVar

from .asking import Asked

_Key = TypeVar("_Key")

# A visit cancelled later than this before its start leaves a gap that is hard to fill.
_LATE: Final = "24 hours"


def _minutes(multirange: str) -> str:
    """Return the SQL of a multirange's length in whole minutes; nothing rounds, as hours and visits keep to minutes."""
    return (
        f"(SELECT coalesce(sum(extract(epoch FROM upper(r) - lower(r))), 0)::int / 60 FROM unnest({multirange}) AS r)"  # noqa: S608
    )


# The stretch of each local day in which a range lies: one row per range and day, the range cut to the day.
_PER_DAY: Final = """
CROSS JOIN LATERAL generate_series(
    date_trunc('day', lower(during) AT TIME ZONE %(zone)s), upper(during) AT TIME ZONE %(zone)s - interval '1 microsecond',
    interval '1 day') AS midnight
CROSS JOIN LATERAL (SELECT during * tstzrange(%(from)s, %(until)s) * tstzrange(
    midnight AT TIME ZONE %(zone)s, (midnight + interval '1 day') AT TIME ZONE %(zone)s) AS part) AS cut
"""

# Sets of instants, so that a group, or a visit put over another, counts each minute once.
_UTILISATION: Final = f"""
WITH opened AS (
    SELECT resource_id AS provider_id, midnight::date AS day, range_agg(part) AS open
    FROM providers_opening {_PER_DAY}
    WHERE clinic_id = %(clinic)s AND during && tstzrange(%(from)s, %(until)s) AND NOT isempty(part)
      AND (%(provider)s::uuid IS NULL OR resource_id = %(provider)s)
    GROUP BY 1, 2),
visited AS (
    SELECT provider_id, midnight::date AS day,
           coalesce(range_agg(part) FILTER (WHERE status = ANY (%(claiming)s)), '{{}}') AS taken,
           coalesce(range_agg(part * tstzrange(NULL, %(now)s)) FILTER (WHERE status = 'no_show'), '{{}}') AS missed,
           coalesce(range_agg(part * tstzrange(NULL, %(now)s)) FILTER (WHERE status = 'cancelled'), '{{}}') AS left_late
    FROM appointments_appointment {_PER_DAY}
    WHERE clinic_id = %(clinic)s AND starts_at >= %(early)s AND starts_at < %(until)s AND NOT isempty(part)
      AND (status <> 'cancelled' OR ended_at > starts_at - interval '{_LATE}')
      AND (%(provider)s::uuid IS NULL OR provider_id = %(provider)s)
    GROUP BY 1, 2),
both_sides AS (
    SELECT provider_id, day, coalesce(open, '{{}}') AS open, coalesce(taken, '{{}}') AS taken,
           coalesce(missed, '{{}}') AS missed, coalesce(left_late, '{{}}') AS left_late
    FROM opened FULL JOIN visited USING (provider_id, day))
SELECT provider_id, provider.name, day, {_minutes("open")}, {_minutes("taken * open")},
       {_minutes("missed * open - taken")}, {_minutes("left_late * open - taken - missed")}, {_minutes("taken - open")}
FROM both_sides JOIN providers_resource AS provider ON provider.id = provider_id AND provider.kind = 'provider'
ORDER BY provider.name, provider_id, day
"""  # noqa: S608 - composed of constants


@dataclass(frozen=True, slots=True)
class Minutes:
    """Minutes of provider time.

    `booked` lies inside `open`; `missed` (no-shows) and `cancelled` (within 24 hours of the start) are open time that is
    past and was not filled again; `outside` was booked beyond the hours.
    """

    open: int = 0
    booked: int = 0
    missed: int = 0
    cancelled: int = 0
    outside: int = 0

    def __add__(self, other: "Minutes") -> "Minutes":
        """Return both together."""
        return Minutes(*(getattr(self, field.name) + getattr(other, field.name) for field in fields(self)))

    @property
    def lost(self) -> int:
        """No-shows and late cancellations together."""
        return self.missed + self.cancelled

    @property
    def percent(self) -> float | None:
        """Booked in a hundred open minutes; None where nothing was open."""
        return 100 * self.booked / self.open if self.open else None


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """One provider's minutes on one day."""

    provider_id: uuid.UUID
    name: str
    day: dt.date
    minutes: Minutes


@dataclass(frozen=True, slots=True)
class Utilisation:
    """The minutes of every provider with hours or visits in these days, by name; of every day; and of all."""

    rows: Sequence[ProviderDay]
    providers: Sequence[tuple[str, Minutes]]
    days: Sequence[tuple[dt.date, Minutes]]
    total: Minutes


def utilisation_of(asked: Asked) -> Utilisation:
    """Return the clinic's minutes in the days asked for; one statement."""
    rows = [ProviderDay(pk, name, day, Minutes(*minutes)) for pk, name, day, *minutes in asked.rows(_UTILISATION)]
    providers: dict[Any, list[Minutes]] = {}
    days: dict[dt.date, list[Minutes]] = {day: [] for day in asked.days}
    for row in rows:
        providers.setdefault((row.name, row.provider_id), []).append(row.minutes)
        days[row.day].append(row.minutes)
    return Utilisation(
        rows,
        [(name, minutes) for (name, _), minutes in _summed(providers).items()],
        list(_summed(days).items()),
        _sum(row.minutes for row in rows),
    )


def _summed(groups: Mapping[_Key, Iterable[Minutes]]) -> dict[_Key, Minutes]:
    return {key: _sum(minutes) for key, minutes in groups.items()}


def _sum(minutes: Iterable[Minutes]) -> Minutes:
    return sum(minutes, start=Minutes())
