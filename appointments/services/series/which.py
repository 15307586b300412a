"""Which visits of a series a change is meant for, and which of them it leaves alone."""

import datetime as dt
import uuid
from collections.abc import Mapping, Sequence

from django.utils import timezone

from appointments.models import Appointment, Series
from appointments.models.status import MOVABLE
from appointments.rules.series import Pattern, Scope, kept_pattern
from mediconnect.errors import VersionConflict


def meant(series_id: uuid.UUID, scope: Scope, seen_from: int) -> list[uuid.UUID]:
    """Return the visits that the scope includes, by their number. Read without a lock: numbers never change."""
    rows = Appointment.objects.filter(series=series_id).order_by("occurrence").values_list("pk", "occurrence")
    return [pk for pk, number in rows if scope.includes(number or 0, seen_from)]


def in_turn(visits: Sequence[Appointment]) -> list[Appointment]:
    """Return the visits of a series by their number."""
    return sorted(visits, key=lambda visit: visit.occurrence or 0)


def is_to_come(visit: Appointment, now: dt.datetime | None = None) -> bool:
    """Return whether nobody has arrived yet and it is not over: what a change of the series may concern."""
    return visit.status in MOVABLE and visit.ends_at > (now or timezone.now())


def check_versions(visits: Sequence[Appointment], seen: Mapping[uuid.UUID, int]) -> None:
    """Raise `VersionConflict` unless each of the visits, locked, is the one that the caller saw."""
    for visit in visits:
        if seen.get(visit.pk) != visit.version:
            raise VersionConflict(current_version=visit.version, occurrence=visit.occurrence)


def pattern_of(series: Series) -> Pattern:
    """Return the pattern of the series, with its days left out and its moves."""
    return kept_pattern(
        series.rrule, series.starts_on, series.start_time, left_out=series.left_out, shifts=series.shifts
    )
