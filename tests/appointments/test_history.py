"""The history of a visit tells what changed, and nothing that did not."""

import pytest

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.undoing import undo_last_step
from mediconnect.api.versions import Expected
from mediconnect.records.models import Change
from tests.appointments.conftest import SmallClinic

SEALED = {"reason", "patient_note", "internal_note"}


@pytest.mark.parametrize("step", ["arrive", "move", "cancel", "undo"])
def test_a_step_leaves_the_notes_out_of_the_history(place: SmallClinic, step: str) -> None:
    visit, _ = book_appointment(place.booking(place.at(9), reason="Sore throat"), caller=place.staff)

    def expected() -> Expected:
        return Expected(Appointment.objects.get(pk=visit.pk).version, by_header=False)

    if step == "move":
        reschedule_appointment(appointment_id=visit.pk, start=place.at(10), expected=expected(), caller=place.staff)
    elif step == "cancel":
        cancel_appointment(appointment_id=visit.pk, reason="clinic_error", expected=expected(), caller=place.staff)
    else:
        advance_appointment(appointment_id=visit.pk, step="arrive", expected=expected(), caller=place.staff)
        if step == "undo":
            undo_last_step(appointment_id=visit.pk, expected=expected(), caller=place.staff)
    for change in Change.objects.of(visit).filter(version__gt=1):
        assert not SEALED & set(change.after), change.after
    visit.refresh_from_db()
    assert visit.reason == "Sore throat"
