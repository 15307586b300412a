"""Change what is written beside a visit: the reason, the patient's note, the staff's own note."""

import uuid
from collections.abc import Mapping

from appointments.events import AppointmentNoted
from appointments.locks import lock_appointment
from appointments.models import Appointment
from mediconnect.api.versions import Expected
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id

from .booking import Caller
from .changing import check_version


def note_appointment(
    *, appointment_id: uuid.UUID, notes: Mapping[str, str], expected: Expected, caller: Caller
) -> Appointment:
    """Return the visit with these of `reason`, `patient_note` and `internal_note` rewritten.

    Raises `NotFound` and `VersionConflict`.
    """

    def work() -> Appointment:
        visit = lock_appointment(appointment_id)
        check_version(visit, expected)
        for name, text in notes.items():
            setattr(visit, name, text)
        visit.save(update_fields=[*notes, "updated_at"])
        publish(AppointmentNoted(visit.pk, visit.version), aggregate_id=visit.pk)
        return visit

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())
