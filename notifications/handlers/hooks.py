"""React to facts about visits: queue a call to each program that the clinic wants told."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from appointments.events import (
    AppointmentAdvanced,
    AppointmentBooked,
    AppointmentCancelled,
    AppointmentMoved,
    AppointmentStepUndone,
)
from appointments.models import Appointment, Status
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import name_of
from notifications.models import HookCall, HookEvent
from notifications.queries.hooks import hearers_of, step_of
from notifications.rules.hooks import TYPES
from notifications.services.waking import wake_callers

_EVENT_OF: Final[Mapping[str, HookEvent]] = {
    name_of(AppointmentBooked): HookEvent.BOOKED,
    name_of(AppointmentMoved): HookEvent.MOVED,
    name_of(AppointmentCancelled): HookEvent.CANCELLED,
    name_of(AppointmentAdvanced): HookEvent.ARRIVED,
    name_of(AppointmentStepUndone): HookEvent.UNDONE,
}
# Taken back is only what somebody may have been told.
_TOLD: Final = (Status.CANCELLED, Status.ARRIVED)


def queue_hook_calls(fact: Fact) -> None:
    """Write a call for each program that hears of this at the visit's clinic. Without one, that is one statement.

    The body is the visit as it stands now, with its version: whoever keeps the highest seen is right in any order.
    """
    event, visit_id = _EVENT_OF[fact.name], fact.aggregate_id
    hooks = hearers_of(visit_id, event) if visit_id is not None else []
    if visit_id is None or not hooks or not _is_news(visit_id, event, fact.args.get("version")):
        return
    visit = Appointment.objects.select_related("clinic").get(pk=visit_id)
    body = _body(visit, event, fact)
    HookCall.objects.bulk_create(
        [
            HookCall(hook_id=hook, fact=fact, event=event, visit=visit, body=body, request_id=fact.request_id)
            for hook in hooks
        ],
        ignore_conflicts=True,
    )
    wake_callers()


def _is_news(visit_id: uuid.UUID, event: HookEvent, version: int | None) -> bool:
    """Return whether this step is one of those that are told: of the day's flow the arrival alone, and what undoes one."""
    if event not in {HookEvent.ARRIVED, HookEvent.UNDONE} or version is None:
        return True
    before, after = step_of(visit_id, version)
    return after == Status.ARRIVED and before != Status.ROOMED if event is HookEvent.ARRIVED else before in _TOLD


def _body(visit: Appointment, event: HookEvent, fact: Fact) -> dict[str, Any]:
    """Return what is told, in the API's words: ids, times and a status. Nothing here says who comes, or why."""

    def named(identifier: uuid.UUID | None) -> str | None:
        return None if identifier is None else str(identifier)

    return {
        "type": TYPES[event],
        "occurred_at": fact.created_at.isoformat(timespec="milliseconds"),
        "sequence": visit.version,
        "clinic": str(visit.clinic_id),
        "appointment": {
            "id": str(visit.pk),
            "status": visit.status,
            "start": visit.starts_at.astimezone(visit.clinic.zone).isoformat(),
            "end": visit.ends_at.astimezone(visit.clinic.zone).isoformat(),
            "timezone": visit.clinic.timezone,
            "provider": str(visit.provider_id),
            "second_provider": named(visit.second_provider_id),
            "room": named(visit.room_id),
            "appointment_type": str(visit.appointment_type_id),
        },
    }
