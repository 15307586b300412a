"""Write a row about hours: entered or changed as on the provider's page, with the visits that they touch in mind."""

import datetime as dt
import uuid

from mediconnect.operations.exchange.kinds.kind import Order
from mediconnect.operations.exchange.scene import Scene
from providers.models import WorkingHours
from providers.services.hours import (
    NewWorkingHours,
    WorkingHoursChange,
    add_working_hours,
    change_working_hours,
)

from .judging import merged


def write(scene: Scene, order: Order) -> uuid.UUID:
    """Enter or change the hours of a row; return their id. Raises what those services raise."""
    plan = order.plan
    if order.target is not None:
        row = merged(WorkingHours.objects.get(pk=order.target, clinic=scene.clinic), plan)
        change = WorkingHoursChange(
            weekday=row.weekday,
            rrule=row.rrule,
            start_time=row.start_time,
            end_time=row.end_time,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            types=row.types,
        )
        return change_working_hours(hours_id=order.target, version=order.seen or 0, change=change).record.pk
    hours = NewWorkingHours(
        weekday=plan.get("weekday"),
        rrule=plan.get("rule", ""),
        start_time=dt.time.fromisoformat(plan["start"]),
        end_time=dt.time.fromisoformat(plan["end"]),
        valid_from=dt.date.fromisoformat(plan["valid_from"]) if "valid_from" in plan else None,
        valid_until=dt.date.fromisoformat(plan["valid_until"]) if "valid_until" in plan else None,
        types=[uuid.UUID(one) for one in plan.get("types", ())],
    )
    provider = uuid.UUID(plan["provider"])
    return add_working_hours(resource_id=provider, clinic_id=scene.clinic.pk, hours=hours).record.pk
