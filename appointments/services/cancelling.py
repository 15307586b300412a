"""Cancel a visit: its time is free when the answer arrives. Freeing needs no lock but the visit's own."""

import datetime as dt
import uuid

from django.db.models.functions import Now
from django.utils import timezone

from appointments.errors import TooLateToCancel
from appointments.events import AppointmentCancelled
from appointments.locks import lock_appointment
from appointments.models import Appointment, CancellationReason, Status
from appointments.models.status import TRANSITIONS
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller
from .changing import check_status, check_version, write_columns
from .displacing.following import follow


def cancel_appointment(*, appointment_id: uuid.UUID, reason: str, expected: Expected, caller: Caller) -> Appointment:
    """Return the cancelled visit. `reason` is a `CancellationReason`; patients give one of their own (patient_…).

    Raises `NotFound`, `VersionConflict`, `InvalidTransition` for a visit that is over, and `TooLateToCancel` for patients
    past the clinic's cut-off, with the clinic's phone.
    """
    if reason not in CancellationReason or (caller.patients_own and not reason.startswith("patient_")):
        own = [
            choice for choice in CancellationReason.values if not caller.patients_own or choice.startswith("patient_")
        ]
        raise Invalid.field("reason", f"This is one of: {', '.join(own)}.")

    def work() -> Appointment:
        visit = lock_appointment(appointment_id)
        check_version(visit, expected)
        check_status(visit, [status for status, targets in TRANSITIONS.items() if Status.CANCELLED in targets])
        cutoff = visit.starts_at - dt.timedelta(hours=visit.clinic.cancel_cutoff_hours)
        if caller.patients_own and timezone.now() > cutoff:
            raise TooLateToCancel(phone=visit.clinic.phone or None)
        visit.status = Status.CANCELLED
        visit.cancellation_reason = reason
        visit.ended_at = Now()
        write_columns(visit, "status", "cancellation_reason", "ended_at")
        visit.refresh_from_db(fields=["ended_at"])
        if visit.displaced:
            follow(visit)
        publish(AppointmentCancelled(visit.pk, visit.version), aggregate_id=visit.pk)
        return visit

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())
