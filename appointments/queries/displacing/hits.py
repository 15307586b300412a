"""Which visits an absence hits: those to be moved, and those of people who are at the clinic already."""

import datetime as dt
import uuid
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet

from appointments.models import ACTIVE, Appointment
from appointments.models.status import MOVABLE


@dataclass(frozen=True, slots=True)
class Away:
    """An absence: of one provider, at every clinic, or (`provider_id` None) a closure of one clinic, of everybody there.

    `clinic_id` is the clinic at whose desk it is entered. `reason` is seen by staff alone.
    """

    clinic_id: uuid.UUID
    provider_id: uuid.UUID | None
    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str = ""

    def is_of(self, provider_id: uuid.UUID | None) -> bool:
        """Return whether this provider is away; at a closed clinic everybody is."""
        return provider_id is not None and self.provider_id in {None, provider_id}


@dataclass(frozen=True, slots=True)
class Hit:
    """A visit whose time an absence takes. `length` is what a new time must last; None is as long as usual there."""

    visit: Appointment
    length: int | None

    @property
    def is_seat(self) -> bool:
        """Whether it is a seat in a group."""
        return self.visit.session_id is not None


# How long a visit of this type usually lasts with this provider, who may have stopped offering it since.
_USUAL: Final = """
SELECT pair.provider, pair.kind, coalesce(own.duration, kind.duration)
FROM unnest(%(providers)s::uuid[], %(kinds)s::uuid[]) AS pair (provider, kind)
JOIN providers_appointmenttype AS kind ON kind.id = pair.kind
LEFT JOIN providers_typeoverride AS own ON own.provider_id = pair.provider AND own.appointment_type_id = pair.kind
"""


def visits_hit(away: Away, now: dt.datetime) -> QuerySet[Appointment]:
    """Return the active visits whose time the absence takes from now on, in order of time.

    With a provider away that is every visit of theirs, as the second one too, put outside the hours on purpose or not:
    nobody is there. Visits that are displaced already have their row.
    """
    whose = (
        Q(clinic=away.clinic_id)
        if away.provider_id is None
        else Q(provider=away.provider_id) | Q(second_provider=away.provider_id)
    )
    since = max(away.starts_at, now)
    visits = Appointment.objects.filter(
        whose, status__in=ACTIVE, displaced=False, starts_at__lt=away.ends_at, ends_at__gt=since
    )
    return visits.order_by("starts_at", "id")


def parted(visits: Iterable[Appointment]) -> tuple[list[Appointment], list[Appointment]]:
    """Return the visits that can be moved, and those of people who are here already."""
    found: tuple[list[Appointment], list[Appointment]] = [], []
    for visit in visits:
        found[visit.status not in MOVABLE].append(visit)
    return found


def hits_of(visits: Sequence[Appointment]) -> list[Hit]:
    """Return the visits with the length that a new time must have. One statement.

    A length that was made by hand is kept, told by its not being what the type and the provider say.
    """
    if not visits:
        return []
    usual = _usual({(visit.provider_id, visit.appointment_type_id) for visit in visits})
    found = []
    for visit in visits:
        own = (visit.ends_at - visit.starts_at) // dt.timedelta(minutes=1)
        is_usual = own == usual.get((visit.provider_id, visit.appointment_type_id))
        found.append(Hit(visit, None if is_usual or visit.session_id else own))
    return found


def _usual(pairs: Collection[tuple[uuid.UUID, uuid.UUID]]) -> dict[tuple[uuid.UUID, uuid.UUID], int]:
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, {"providers": [one for one, _ in pairs], "kinds": [kind for _, kind in pairs]})
        return {(provider, kind): minutes for provider, kind, minutes in cursor.fetchall()}
