"""The day's flow: confirm, arrive, room, start, complete, no-show; each a step from a known status to the next."""

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models.functions import Now

from appointments.events import AppointmentAdvanced, AppointmentConfirmed, AppointmentMissed
from appointments.locks import lock_appointment
from appointments.models import Appointment, FreedTime, Status
from mediconnect.api.versions import Expected
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller
from .changing import check_status, check_version, write_columns
from .displacing.following import follow
from .freeing import free_time_of, left_by
from .tickets import follow_with_ticket


@dataclass(frozen=True, slots=True)
class Step:
    """A step: where it may start, where it ends, which moment it notes, and what is said when it is taken."""

    sources: tuple[Status, ...]
    target: Status
    moment: str | None
    event: type[Any]


# The order of the day. A visit without a room goes from arrived to the provider; nothing else is skipped.
STEPS: Final[Mapping[str, Step]] = {
    "confirm": Step((Status.BOOKED,), Status.CONFIRMED, None, AppointmentConfirmed),
    "arrive": Step((Status.BOOKED, Status.CONFIRMED), Status.ARRIVED, "arrived_at", AppointmentAdvanced),
    "room": Step((Status.ARRIVED,), Status.ROOMED, "roomed_at", AppointmentAdvanced),
    "start": Step((Status.ARRIVED, Status.ROOMED), Status.IN_PROGRESS, "started_at", AppointmentAdvanced),
    "complete": Step((Status.IN_PROGRESS,), Status.COMPLETED, "ended_at", AppointmentAdvanced),
    "no-show": Step((Status.BOOKED, Status.CONFIRMED), Status.NO_SHOW, "ended_at", AppointmentMissed),
}


def advance_appointment(*, appointment_id: uuid.UUID, step: str, expected: Expected, caller: Caller) -> Appointment:
    """Return the visit after one step of `STEPS`. A no-show gives the visit's time back.

    Raises `NotFound`, `VersionConflict`, and `InvalidTransition` for a step out of order.
    """
    taken = STEPS[step]

    def work() -> Appointment:
        visit = lock_appointment(appointment_id)
        check_version(visit, expected)
        check_status(visit, taken.sources)
        left = left_by(visit)
        visit.status = taken.target
        if taken.moment:
            setattr(visit, taken.moment, Now())
        write_columns(visit, "status", *([taken.moment] if taken.moment else []))
        if taken.moment:
            visit.refresh_from_db(fields=[taken.moment])
        if visit.displaced:
            follow(visit)
        follow_with_ticket(visit)
        if taken.target is Status.NO_SHOW:
            free_time_of(left, FreedTime.Cause.MISSED, by_patient=caller.patients_own)
        publish(taken.event(visit.pk, visit.version), aggregate_id=visit.pk)
        return visit

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())
