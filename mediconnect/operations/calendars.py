"""Open the calendars of many resources at once, for those who bring resources in bulk.

The rule is the one that edits of hours use (`providers.rules.hours`); only the writing differs: a resource that was
just made has no openings that could be in the way, so nothing needs to be compared.
"""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Final

from django.db.backends.postgresql.psycopg_any import DateTimeTZRange

from providers.models import Clinic, OneOffHours, Opening, WorkingHours
from providers.rules.holidays import public_holidays
from providers.rules.hours import OnDate, Plan, Recurring, expand

# Openings reach this much further than patients may book, so that a night without the roll costs nobody a day.
BEYOND_HORIZON_DAYS: Final = 35
_BATCH: Final = 2_000


def open_calendars(*, clinic: Clinic, resource_ids: Iterable[uuid.UUID], since: dt.date, today: dt.date) -> int:
    """Write the openings of resources that have none at this clinic, from `since` to its horizon; return how many.

    Runs in the caller's transaction. Days off and closures of a clinic are none of its business: whoever is new has none.
    """
    wanted = set(resource_ids)
    wanted -= set(
        Opening.objects.filter(clinic=clinic, resource__in=wanted).values_list("resource_id", flat=True).distinct()
    )
    until = today + dt.timedelta(days=clinic.horizon_days + BEYOND_HORIZON_DAYS)
    return len(Opening.objects.bulk_create(_openings(clinic, wanted, since, until), batch_size=_BATCH))


def _openings(clinic: Clinic, resources: set[uuid.UUID], since: dt.date, until: dt.date) -> Iterator[Opening]:
    recurring, on_dates = _recurring(clinic, resources), _on_dates(clinic, resources)
    holidays = public_holidays(clinic.region, since, until)
    for resource_id in sorted(recurring.keys() | on_dates.keys()):
        plan = Plan(
            zone=clinic.zone,
            recurring=recurring.get(resource_id, ()),
            on_dates=on_dates.get(resource_id, ()),
            holidays=holidays,
        )
        for piece in expand(plan, since, until):
            serves = sorted(piece.serves) if piece.serves is not None else None
            during = DateTimeTZRange(piece.start, piece.end)
            yield Opening(resource_id=resource_id, clinic=clinic, during=during, serves=serves)


def _recurring(clinic: Clinic, resources: set[uuid.UUID]) -> dict[uuid.UUID, list[Recurring]]:
    hours = defaultdict[uuid.UUID, list[Recurring]](list)
    for row in WorkingHours.objects.filter(clinic=clinic, resource__in=resources):
        hours[row.resource_id].append(
            Recurring(
                start=row.start_time,
                end=row.end_time,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
                weekday=row.weekday,
                rrule=row.rrule,
                types=row.types,
            )
        )
    return hours


def _on_dates(clinic: Clinic, resources: set[uuid.UUID]) -> dict[uuid.UUID, list[OnDate]]:
    hours = defaultdict[uuid.UUID, list[OnDate]](list)
    for row in OneOffHours.objects.filter(clinic=clinic, resource__in=resources):
        hours[row.resource_id].append(OnDate(date=row.date, start=row.start_time, end=row.end_time, types=row.types))
    return hours
