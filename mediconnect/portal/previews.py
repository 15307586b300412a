"""What an edit would do to open time, ready to be shown before it is saved: starts, minutes, and the visits in its way."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from appointments.models import Appointment
from providers.ports import TouchedVisit
from providers.services.editing import Preview

from .desk import Desk

# As many as somebody would move by hand; the number of all is said beside them.
_LISTED: Final = 20

Touched = Sequence[tuple[uuid.UUID, TouchedVisit]]


@dataclass(frozen=True, slots=True)
class Shown:
    """A preview of a page. `visits` are those of the desk's clinic, in order; `unlisted` counts the others in the way."""

    starts_closed: int = 0
    starts_opened: int = 0
    minutes_closed: int = 0
    minutes_opened: int = 0
    visits: tuple[Appointment, ...] = ()
    unlisted: int = 0

    @property
    def in_the_way(self) -> int:
        """How many visits stand in the way of saving."""
        return len(self.visits) + self.unlisted

    @property
    def changes(self) -> bool:
        """Whether the edit opens, closes or touches anything."""
        return bool(self.minutes_closed or self.minutes_opened or self.in_the_way)


def shown(desk: Desk, preview: Preview) -> Shown:
    """Return what a page shows of a preview; one statement for its visits, none where there are none."""
    visits = _visits(desk, preview.touched)
    return Shown(
        preview.starts_closed,
        preview.starts_opened,
        preview.minutes_closed,
        preview.minutes_opened,
        visits,
        len(preview.touched) - len(visits),
    )


def in_the_way(desk: Desk, touched: Touched) -> Shown:
    """Return what a page shows of visits that made the database or a service refuse an edit."""
    visits = _visits(desk, touched)
    return Shown(visits=visits, unlisted=len(touched) - len(visits))


def _visits(desk: Desk, touched: Touched) -> tuple[Appointment, ...]:
    wanted = [visit.id for clinic, visit in touched if clinic == desk.clinic.pk]
    if not wanted:
        return ()
    visits = desk.visits().filter(pk__in=wanted).select_related("patient", "provider", "appointment_type", "room")
    return tuple(visits.order_by("starts_at", "id")[:_LISTED])
