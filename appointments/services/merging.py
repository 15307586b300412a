"""What of appointments follows a patient whose record became part of another one."""

import uuid
from collections.abc import Collection, Mapping, Sequence
from typing import Any, ClassVar, Final

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from appointments.models import Appointment, FreedTime, Hold, Series, WaitlistEntry
from appointments.models.status import CLAIMING
from patients.rules.merging import Conflict, Line, Pair
from patients.services.merging.lines import rewrite

# Nobody can be in two places, under whichever record.
_OVERLAPS: Final = """
SELECT ours.id, ours.clinic_id, theirs.id, theirs.clinic_id
FROM appointments_appointment AS ours
JOIN appointments_appointment AS theirs ON theirs.patient_id = %(gone)s AND theirs.during && ours.during
WHERE ours.patient_id = %(kept)s AND ours.status = ANY (%(claiming)s) AND theirs.status = ANY (%(claiming)s)
ORDER BY ours.starts_at, ours.id, theirs.id
"""
_OPEN: Final = (WaitlistEntry.State.WAITING, WaitlistEntry.State.OFFERED)


class AppointmentsFollow:
    """Visits, series, wishes, holds and freed times. Their claims stay as they are: who is seen occupies the same time."""

    follows: ClassVar[Mapping[type[Model], str]] = {
        Appointment: "visits",
        Series: "series",
        WaitlistEntry: "wishes",
        Hold: "",
        FreedTime: "",
    }
    locked: ClassVar[Sequence[type[Model]]] = (Appointment, WaitlistEntry)

    def conflicts(self, pair: Pair, *, within: Collection[uuid.UUID] | None) -> list[Conflict]:
        """Return visits that overlap, wishes of which both have an offer, and (not in the way) wishes that both have."""
        return [*_overlaps(pair, within), *_wishes(pair, within)]

    def settle(self, pair: Pair) -> list[Line]:
        """Withdraw the younger of two wishes for one type of visit: a patient waits once for a type."""
        lines: list[Line] = []
        for stays, goes in _twice(pair):
            lines += rewrite(
                WaitlistEntry.objects.filter(pk=goes.pk), state=WaitlistEntry.State.WITHDRAWN, closed_at=timezone.now()
            )
            lines += rewrite(WaitlistEntry.objects.filter(pk=stays.pk), joined_at=min(stays.joined_at, goes.joined_at))
        return lines


STEP: Final = AppointmentsFollow()


def _overlaps(pair: Pair, within: Collection[uuid.UUID] | None) -> list[Conflict]:
    parameters: dict[str, Any] = {
        "kept": pair.kept_id,
        "gone": pair.gone_id,
        "claiming": [str(status) for status in CLAIMING],
    }
    with connection.cursor() as cursor:
        cursor.execute(_OVERLAPS, parameters)
        rows: list[Any] = cursor.fetchall()
    return [
        Conflict("visits-overlap", tuple(visit for visit, clinic in (row[:2], row[2:]) if _seen(clinic, within)))
        for row in rows
    ]


def _wishes(pair: Pair, within: Collection[uuid.UUID] | None) -> list[Conflict]:
    found = []
    for stays, goes in _twice(pair):
        both = (stays.pk, goes.pk) if _seen(stays.clinic_id, within) else ()
        offered = goes.state == WaitlistEntry.State.OFFERED
        found.append(Conflict("offers-twice", both) if offered else Conflict("wish-twice", both, blocks=False))
    return found


def _twice(pair: Pair) -> list[tuple[WaitlistEntry, WaitlistEntry]]:
    """Return the wishes for a type that both have: the one that stays, and the other.

    The one with an offer stays, so that nobody who may say yes is told no; else who waits longer.
    """
    wishes = WaitlistEntry.objects.filter(patient__in=[pair.kept_id, pair.gone_id], state__in=_OPEN)
    by_type: dict[uuid.UUID, list[WaitlistEntry]] = {}
    for wish in wishes.defer("note"):
        by_type.setdefault(wish.appointment_type_id, []).append(wish)
    pairs = [sorted(found, key=_first) for found in by_type.values() if len(found) > 1]
    return [(stays, goes) for stays, goes in pairs]


def _first(wish: WaitlistEntry) -> tuple[Any, ...]:
    return (wish.state != WaitlistEntry.State.OFFERED, wish.joined_at, wish.pk)


def _seen(clinic: uuid.UUID, within: Collection[uuid.UUID] | None) -> bool:
    return within is None or clinic in within
