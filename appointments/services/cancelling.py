"""Cancel a visit: its time is free when the answer arrives. Freeing needs no lock but the visit's own."""

import datetime as dt
import uuid

from django.db.models.functions import Now
from django.utils import timezone

from appointments.errors import CancelLimit, TooLateToCancel
from appointments.events import AppointmentCancelled
from appointments.locks import lock_appointment, lock_patient_of
from appointments.models import Appointment, CancellationReason, FreedTime, Status
from appointments.models.status import TRANSITIONS
from appointments.queries.policy import cancelled_alone, hours_to_cancel
from mediconnect.api.versions import Expected
from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller
from .changing import check_status, check_version, write_columns
from .displacing.following import follow
from .freeing import free_time_of, left_by


def cancel_appointment(*, appointment_id: uuid.UUID, reason: str, expected: Expected, caller: Caller) -> Appointment:
    """Return the cancelled visit. `reason` is a `CancellationReason`; patients give one of their own (patient_…).

    Raises `NotFound`, `VersionConflict`, `InvalidTransition` for a visit that is over, and `TooLateToCancel` for patients
    past the cut-off of the type or the clinic, `CancelLimit` where they cancelled enough today; both with the clinic's phone.
    """
    if reason not in CancellationReason or (caller.patients_own and not reason.startswith("patient_")):
        own = [
            choice for choice in CancellationReason.values if not caller.patients_own or choice.startswith("patient_")
        ]
        raise Invalid.field("reason", f"This is one of: {', '.join(own)}.")

    def work() -> Appointment:
        visit = _locked_with_its_patient(appointment_id) if caller.patients_own else lock_appointment(appointment_id)
        check_version(visit, expected)
        check_status(visit, [status for status, targets in TRANSITIONS.items() if Status.CANCELLED in targets])
        if caller.patients_own:
            _check_policy(visit)
        left = left_by(visit)
        visit.status = Status.CANCELLED
        visit.cancellation_reason = reason
        visit.ended_at = Now()
        write_columns(visit, "status", "cancellation_reason", "ended_at")
        visit.refresh_from_db(fields=["ended_at"])
        if visit.displaced:
            follow(visit)
        free_time_of(left, FreedTime.Cause.CANCELLED, by_patient=caller.patients_own)
        publish(AppointmentCancelled(visit.pk, visit.version), aggregate_id=visit.pk)
        return visit

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _locked_with_its_patient(appointment_id: uuid.UUID) -> Appointment:
    """Lock the patient, then the visit: what a patient cancels in a day is counted in a queue of its own."""
    seen = Appointment.objects.filter(pk=appointment_id).only("patient_id").first()
    if seen is None:
        raise NotFound
    lock_patient_of(seen, retired_too=True)
    return lock_appointment(appointment_id)


def _check_policy(visit: Appointment) -> None:
    phone, now, hours = visit.clinic.phone or None, timezone.now(), hours_to_cancel(visit)
    if now > visit.starts_at - dt.timedelta(hours=hours):
        raise TooLateToCancel(phone=phone, explain={"hours": hours})
    most = visit.clinic.cancels_per_day
    if most is not None and cancelled_alone(visit, now) >= most:
        raise CancelLimit(phone=phone, explain={"most": most})
