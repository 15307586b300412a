"""Read what decides when resources are open: hours, closures, holidays, time off; six statements for any number of them."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Max, Min, Q
from psycopg.types.range import TimestamptzRange

from providers.models import AppointmentType, Clinic, Closure, OneOffHours, Opening, TimeOff, WorkingHours
from providers.rules.clock import Span
from providers.rules.holidays import public_holidays
from providers.rules.hours import OnDate, Plan, Recurring
from providers.rules.pieces import Piece

# A resource at a clinic: the unit in which openings are made.
Pair = tuple[uuid.UUID, uuid.UUID]

_DAY: Final = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Grid:
    """The finest grid and the shortest visit of a clinic, in minutes."""

    minutes: int = 15
    shortest: int = 15


def grids_of(clinics: Collection[uuid.UUID]) -> dict[uuid.UUID, Grid]:
    """Return the grid of each clinic's active types; a clinic without any counts by quarters of an hour."""
    rows = AppointmentType.objects.filter(clinic__in=clinics, active=True).order_by().values("clinic")
    found = rows.annotate(grid=Min("start_grid"), shortest=Min("duration")).values_list("clinic", "grid", "shortest")
    known = {clinic: Grid(grid, shortest) for clinic, grid, shortest in found}
    return {clinic: known.get(clinic, Grid()) for clinic in clinics}


def pairs_of_resource(resource_id: uuid.UUID) -> list[Pair]:
    """Return where a resource has hours or openings."""
    return sorted(_pairs(Q(resource=resource_id)))


def pairs_of_clinic(clinic_id: uuid.UUID) -> list[Pair]:
    """Return who has hours or openings at a clinic."""
    return sorted(_pairs(Q(clinic=clinic_id)))


def every_pair() -> list[Pair]:
    """Return every active resource with hours at an active clinic."""
    return sorted(_pairs(Q(resource__active=True, clinic__active=True)))


def _pairs(which: Q) -> set[Pair]:
    hours = WorkingHours.objects.filter(which).order_by().values_list("resource_id", "clinic_id")
    one_off = OneOffHours.objects.filter(which).order_by().values_list("resource_id", "clinic_id")
    openings = Opening.objects.filter(which, during__endswith__gt=dt.datetime.now(dt.UTC)).values_list(
        "resource_id", "clinic_id"
    )
    return set(hours.union(one_off, openings))


def openings_of(
    pairs: Collection[Pair], since: dt.datetime, until: dt.datetime | None = None
) -> dict[Pair, list[tuple[int, Piece]]]:
    """Return the openings of each pair that overlap `since` to `until` (None: all to come), with their ids, in order."""
    rows = Opening.objects.filter(_of(pairs), during__overlap=TimestamptzRange(since, until))
    found: dict[Pair, list[tuple[int, Piece]]] = {pair: [] for pair in pairs}
    wanted = rows.order_by("during").values_list("id", "resource_id", "clinic_id", "during", "serves")
    for pk, resource, clinic, during, serves in wanted:
        if (resource, clinic) in found:
            types = None if serves is None else frozenset(serves)
            found[resource, clinic].append((pk, Piece(during.lower, during.upper, types)))
    return found


def opening_pieces(
    resource_id: uuid.UUID, clinic_id: uuid.UUID, *, since: dt.datetime, until: dt.datetime
) -> list[Piece]:
    """Return a resource's openings at a clinic that overlap this time, whole and in order."""
    found = openings_of([(resource_id, clinic_id)], since, until)[resource_id, clinic_id]
    return [piece for _, piece in found]


def last_openings(pairs: Collection[Pair]) -> dict[Pair, dt.datetime]:
    """Return when the last opening of each pair ends; pairs without openings are left out."""
    rows = Opening.objects.filter(_of(pairs)).order_by().values("resource_id", "clinic_id")
    found = rows.annotate(last=Max("during__endswith")).values_list("resource_id", "clinic_id", "last")
    return {(resource, clinic): last for resource, clinic, last in found}


def plans_of(
    pairs: Collection[Pair], clinics: Mapping[uuid.UUID, Clinic], days: Mapping[Pair, tuple[dt.date, dt.date]]
) -> dict[Pair, Plan]:
    """Return the plan of each pair for its days (first and last), with everything that reaches into them."""
    first = min(since for since, _ in days.values()) - _DAY
    last = max(until for _, until in days.values())
    recurring, on_dates = _recurring(pairs, first), _on_dates(pairs, first, last)
    closed = _absences(Closure, "clinic_id", [clinic for _, clinic in pairs], first)
    away = _absences(TimeOff, "resource_id", [resource for resource, _ in pairs], first)
    return {
        pair: Plan(
            zone=clinics[pair[1]].zone,
            recurring=recurring[pair],
            on_dates=on_dates[pair],
            holidays=public_holidays(clinics[pair[1]].region, first, last),
            absences=[*closed[pair[1]], *away[pair[0]]],
        )
        for pair in pairs
    }


def _of(pairs: Iterable[Pair]) -> Q:
    """Return a condition that these pairs fulfil; others may as well, where resources work at several clinics."""
    resources, clinics = zip(*pairs, strict=True)
    return Q(resource__in=set(resources), clinic__in=set(clinics))


def _recurring(pairs: Collection[Pair], first: dt.date) -> dict[Pair, list[Recurring]]:
    found: dict[Pair, list[Recurring]] = defaultdict(list)
    for row in WorkingHours.objects.filter(_of(pairs)).exclude(valid_until__lt=first).order_by():
        found[row.resource_id, row.clinic_id].append(
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
    return found


def _on_dates(pairs: Collection[Pair], first: dt.date, last: dt.date) -> dict[Pair, list[OnDate]]:
    found: dict[Pair, list[OnDate]] = defaultdict(list)
    for row in OneOffHours.objects.filter(_of(pairs), date__range=(first, last)).order_by():
        hours = OnDate(date=row.date, start=row.start_time, end=row.end_time, types=row.types)
        found[row.resource_id, row.clinic_id].append(hours)
    return found


def _absences(
    model: type[Closure | TimeOff], owner: str, owners: Sequence[uuid.UUID], first: dt.date
) -> dict[uuid.UUID, list[Span]]:
    since = dt.datetime.combine(first - _DAY, dt.time(), dt.UTC)
    rows = model.objects.filter(**{f"{owner}__in": set(owners)}, cancelled=False, ends_at__gt=since)
    found: dict[uuid.UUID, list[Span]] = defaultdict(list)
    for key, starts_at, ends_at in rows.order_by().values_list(owner, "starts_at", "ends_at"):
        found[key].append((starts_at, ends_at))
    return found
