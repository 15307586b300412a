"""What every change of an existing visit begins and ends with: the version, the status it may start from, the columns."""

from collections.abc import Collection

from appointments.errors import InvalidTransition
from appointments.models import Appointment, Status
from mediconnect.api.versions import Expected
from mediconnect.errors import VersionConflict


def check_version(visit: Appointment, expected: Expected) -> None:
    """Raise `VersionConflict` unless the visit, locked, is still the one that the caller saw.

    The conflict carries the visit itself as `visit`; the door renders it as `current` in its own words.
    """
    if visit.version != expected.version:
        conflict = VersionConflict(by_header=expected.by_header, current_version=visit.version)
        conflict.visit = visit  # type: ignore[attr-defined]
        raise conflict


def check_status(visit: Appointment, allowed: Collection[Status]) -> None:
    """Raise `InvalidTransition`, saying where the visit stands, unless it stands in one of the statuses."""
    if visit.status not in allowed:
        raise InvalidTransition(
            f"The visit is {visit.get_status_display()}; this step starts from {' or '.join(s.label for s in allowed)}.",
            status_now=visit.status,
        )


def write_columns(visit: Appointment, *columns: str) -> None:
    """Write these columns of the visit and no others.

    A note that is written again is sealed anew: a whole row would stand in the history as if its notes had changed.
    """
    visit.save(update_fields=[*columns, "updated_at"])
