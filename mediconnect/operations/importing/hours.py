"""Hours for whoever came without: FHIR's people and places say nothing about when they work."""

import datetime as dt
import uuid
from collections.abc import Iterator, Sequence
from typing import Final

from django.db import transaction
from django.utils import timezone

from providers.locks import lock_resources
from providers.models import AppointmentType, WorkingHours
from providers.services.openings import settle

Pair = tuple[uuid.UUID, uuid.UUID]

DAYS: Final = range(5)
START, END = dt.time(9), dt.time(17)
TYPE: Final = "Consultation"
TYPE_MINUTES: Final = 30
_BATCH: Final = 50


def give_hours(pairs: Sequence[Pair]) -> int:
    """Let providers (provider, clinic) who have no hours work Monday to Friday, 9 to 17; return how many got theirs.

    A provider with several clinics works at the first, since nobody is in two places. Each clinic that offers nothing
    gets a consultation of half an hour.
    """
    first = dict[uuid.UUID, uuid.UUID]()
    for provider, clinic in pairs:
        first.setdefault(provider, clinic)
    with_hours = set(WorkingHours.objects.filter(resource__in=first).values_list("resource_id", flat=True))
    idle = [pair for pair in first.items() if pair[0] not in with_hours]
    _offer({clinic for _, clinic in pairs})
    for begin in range(0, len(idle), _BATCH):
        with transaction.atomic():
            _open(idle[begin : begin + _BATCH])
    return len(idle)


def _offer(clinics: set[uuid.UUID]) -> None:
    offering = set(AppointmentType.objects.filter(clinic__in=clinics).values_list("clinic_id", flat=True))
    AppointmentType.objects.bulk_create(
        AppointmentType(clinic_id=clinic, name=TYPE, duration=TYPE_MINUTES) for clinic in sorted(clinics - offering)
    )


def _open(pairs: Sequence[Pair]) -> None:
    lock_resources(provider for provider, _ in pairs)
    WorkingHours.objects.bulk_create(_week(pairs, timezone.now().date()))
    settle(pairs)


def _week(pairs: Sequence[Pair], today: dt.date) -> Iterator[WorkingHours]:
    for provider, clinic in pairs:
        for day in DAYS:
            yield WorkingHours(
                resource_id=provider,
                clinic_id=clinic,
                weekday=day,
                start_time=START,
                end_time=END,
                valid_from=today - dt.timedelta(days=1),  # the clinic's today may be the day before ours
            )
