"""Say who is seen first: one click makes a visit urgent, another makes it routine again."""

import uuid

from appointments.events import AppointmentPrioritised
from appointments.locks import lock_appointment
from appointments.models import ACTIVE, Appointment, Priority
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotPermitted
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller
from .changing import check_status, check_version


def prioritise(*, appointment_id: uuid.UUID, priority: str, expected: Expected, caller: Caller) -> Appointment:
    """Return the visit with this `Priority`; it keeps its time.

    Raises `NotFound`, `VersionConflict`, `InvalidTransition` for a visit that is over, `NotPermitted` for patients.
    """
    check_priority(priority, caller)

    def work() -> Appointment:
        visit = lock_appointment(appointment_id)
        check_version(visit, expected)
        check_status(visit, ACTIVE)
        visit.priority = priority
        visit.save(update_fields=["priority", "updated_at"])
        publish(AppointmentPrioritised(visit.pk, visit.version), aggregate_id=visit.pk)
        return visit

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def check_priority(priority: str, caller: Caller) -> None:
    """Raise `Invalid` for a priority that there is not, and `NotPermitted` for a patient who would set one."""
    if priority not in Priority.values:
        raise Invalid.field("priority", f"This is one of: {', '.join(Priority.values)}.")
    if caller.patients_own:
        raise NotPermitted("Only staff may say who is seen first.")
