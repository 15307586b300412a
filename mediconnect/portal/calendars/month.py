"""How full the days of a month are: one statement for the whole picture."""

import calendar
import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import urlencode

from django.db import connection
from django.urls import reverse

from appointments.models.status import CLAIMING
from mediconnect.portal.desk import Desk
from mediconnect.portal.holidays import holidays_in_words

_DAY: Final = dt.timedelta(days=1)

# Booked time counts where it lies inside open time of its provider, so that an override does not make a day fuller than full.
_LOAD: Final = """
WITH days AS (
    SELECT day::date AS day, (day::date)::timestamp AT TIME ZONE %(zone)s AS start,
           (day::date + 1)::timestamp AT TIME ZONE %(zone)s AS finish
    FROM generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS day)
SELECT days.day, coalesce(open.minutes, 0), coalesce(booked.minutes, 0), coalesce(booked.visits, 0), closed.reason
FROM days
LEFT JOIN LATERAL (
    SELECT sum(extract(epoch FROM least(upper(during), finish) - greatest(lower(during), start))) / 60 AS minutes
    FROM providers_opening AS opening JOIN providers_resource AS thing ON thing.id = opening.resource_id AND thing.kind = 'provider'
    WHERE opening.clinic_id = %(clinic)s AND during && tstzrange(start, finish)
      AND (%(provider)s::uuid IS NULL OR opening.resource_id = %(provider)s)) AS open ON true
LEFT JOIN LATERAL (
    SELECT count(*) AS visits, sum(minutes) AS minutes FROM (
        SELECT extract(epoch FROM max(ends_at) - min(starts_at)) / 60 AS minutes, count(*) AS members
        FROM appointments_appointment
        WHERE clinic_id = %(clinic)s AND status = ANY (%(claiming)s) AND starts_at >= start AND starts_at < finish
          AND (%(provider)s::uuid IS NULL OR provider_id = %(provider)s)
        GROUP BY coalesce(session_id, id)) AS taken) AS booked ON true
LEFT JOIN LATERAL (
    SELECT coalesce(nullif(string_agg(reason, ', '), ''), ' ') AS reason FROM providers_closure
    WHERE clinic_id = %(clinic)s AND NOT cancelled AND starts_at <= start AND ends_at >= finish HAVING count(*) > 0) AS closed ON true
ORDER BY days.day
"""


@dataclass(frozen=True, slots=True)
class Day:
    """One day: minutes open and booked, visits, and why it is closed where it is for the whole day."""

    date: dt.date
    open: int
    booked: int
    visits: int
    closed: str | None
    inside: bool
    href: str

    @property
    def share(self) -> int:
        """Return how much of the open time is booked, in percent, 100 at most; 0 where nothing is open."""
        return min(100, round(100 * self.booked / self.open)) if self.open else 0

    @property
    def level(self) -> str:
        """Return the step of the picture: none, low, half, high, full."""
        steps = ((95, "full"), (70, "high"), (35, "half"), (1, "low"))
        return next((name for least, name in steps if self.share >= least), "none")


@dataclass(frozen=True, slots=True)
class Month:
    """A month in whole weeks, as the clinic's country counts them."""

    first: dt.date
    weeks: list[list[Day]]
    weekdays: list[str]
    previous: str
    next: str
    this: str
    base: str
    provider: uuid.UUID | None


def month_of(desk: Desk, day: dt.date, provider: uuid.UUID | None) -> Month:
    """Return the month that a day lies in, for one provider or the whole clinic."""
    first = day.replace(day=1)
    last = first.replace(day=calendar.monthrange(first.year, first.month)[1])
    begin = desk.habits.week_begins(first)
    finish = desk.habits.week_begins(last) + 6 * _DAY
    board = reverse("portal:board", kwargs={"clinic": desk.clinic.pk})
    who = {"who": str(provider)} if provider else {}
    holidays = dict(holidays_in_words(desk.clinic.region, begin, finish))
    days = [
        Day(
            date,
            int(open_),
            int(booked),
            visits,
            closed or (None if open_ else holidays.get(date)),
            first <= date <= last,
            f"{board}?{urlencode({'date': date, **who})}",
        )
        for date, open_, booked, visits, closed in _load(desk, begin, finish, provider)
    ]
    base = reverse("portal:month", kwargs={"clinic": desk.clinic.pk})

    def address(date: dt.date) -> str:
        kept = {"provider": str(provider)} if provider else {}
        return f"{base}?{urlencode({'date': date.isoformat(), **kept})}"

    return Month(
        first=first,
        weeks=[days[at : at + 7] for at in range(0, len(days), 7)],
        weekdays=[desk.habits.short_weekday_names[number] for number in desk.habits.week],
        previous=address((first - _DAY).replace(day=1)),
        next=address(last + _DAY),
        this=address(desk.today),
        base=base,
        provider=provider,
    )


def _load(
    desk: Desk, first: dt.date, last: dt.date, provider: uuid.UUID | None
) -> list[tuple[dt.date, float, float, int, str | None]]:
    parameters: dict[str, Any] = {
        "clinic": desk.clinic.pk,
        "zone": desk.clinic.timezone,
        "first": first,
        "last": last,
        "provider": provider,
        "claiming": [str(status) for status in CLAIMING],
    }
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, parameters)
        return list(cursor.fetchall())
