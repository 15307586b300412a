"""How late each provider of a clinic runs, and whom that concerns."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils import timezone

from appointments.events import ProviderRunsLate
from appointments.models import Appointment, Status
from appointments.rules.lateness import Ahead, delays, told_minutes
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import name_of

REACH: Final = dt.timedelta(hours=3)
"""Further ahead nobody knows how the day goes on."""

_TO_BEGIN: Final = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.ROOMED)
_FORGOTTEN: Final = dt.timedelta(minutes=30)
"""Whoever is so late has missed the visit, said or not, and keeps nobody waiting."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A visit that is likely to begin `minutes` after its time, whose patient has not come yet."""

    appointment_id: uuid.UUID
    provider_id: uuid.UUID
    starts_at: dt.datetime
    minutes: int


def late_visits(clinic_ids: Sequence[uuid.UUID], *, now: dt.datetime | None = None) -> dict[uuid.UUID, list[Late]]:
    """Return by clinic the visits of the next three hours that will begin late, in order of time. One statement.

    A visit that is under way takes what it was planned to take; one that runs over ends now, as far as anybody knows.
    """
    now = now or timezone.now()
    rows = Appointment.objects.filter(
        clinic__in=clinic_ids,
        status__in=(*_TO_BEGIN, Status.IN_PROGRESS),
        starts_at__gt=now - dt.timedelta(hours=8),
        starts_at__lt=now + REACH,
    ).only("clinic_id", "provider_id", "status", "starts_at", "ends_at", "started_at", "arrived_at")
    by_provider = defaultdict[tuple[uuid.UUID, uuid.UUID], list[Appointment]](list)
    for visit in rows:
        by_provider[visit.clinic_id, visit.provider_id].append(visit)
    found: dict[uuid.UUID, list[Late]] = {clinic: [] for clinic in clinic_ids}
    for (clinic, _provider), visits in by_provider.items():
        found[clinic] += _late(visits, now)
    for late in found.values():
        late.sort(key=lambda one: (one.starts_at, one.appointment_id))
    return found


def told_of(visit_ids: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Return those of the visits whose patients were told of a delay."""
    if not visit_ids:
        return set()
    facts = Fact.objects.filter(aggregate_id__in=visit_ids, name=name_of(ProviderRunsLate))
    return {pk for pk in facts.values_list("aggregate_id", flat=True) if pk is not None}


def _late(visits: Sequence[Appointment], now: dt.datetime) -> list[Late]:
    under_way = [visit for visit in visits if visit.status == Status.IN_PROGRESS]
    waiting = [visit for visit in visits if visit.status in _TO_BEGIN and not _is_forgotten(visit, now)]
    free_from = max([now, *((visit.started_at or now) + (visit.ends_at - visit.starts_at) for visit in under_way)])
    ahead = [
        Ahead(
            id=visit.pk,
            starts_at=visit.starts_at,
            length=visit.ends_at - visit.starts_at,
            here=visit.arrived_at is not None,
        )
        for visit in waiting
    ]
    late = delays(ahead, free_from=free_from)
    return [
        Late(
            appointment_id=visit.pk,
            provider_id=visit.provider_id,
            starts_at=visit.starts_at,
            minutes=told_minutes(late[visit.pk]),
        )
        for visit in waiting
        if visit.arrived_at is None and visit.starts_at > now and told_minutes(late[visit.pk])
    ]


def _is_forgotten(visit: Appointment, now: dt.datetime) -> bool:
    return visit.arrived_at is None and visit.starts_at < now - _FORGOTTEN
