"""Notes: written in place, kept through a clash, never over somebody else's."""

from appointments.models import Appointment
from appointments.services.noting import note_appointment
from mediconnect.api.versions import Expected

from .conftest import HTMX, Place, text_of


def fresh(visit: Appointment) -> Appointment:
    return Appointment.objects.get(pk=visit.pk)


def test_notes_are_saved(place: Place) -> None:
    visit = place.visit(reason="Cough")
    answer = place.post(visit, "visit-notes", {"reason": "Cough, two weeks", "internal_note": "Line 1\r\nLine 2"})
    assert answer.status_code == 303
    assert (fresh(visit).reason, fresh(visit).internal_note) == ("Cough, two weeks", "Line 1\nLine 2")
    assert "Saved." in text_of(place.panel(visit))


def test_a_form_that_changes_nothing_writes_nothing(place: Place) -> None:
    visit = place.visit(reason="Cough")
    assert place.post(visit, "visit-notes", {"reason": "Cough"}).status_code == 303
    assert fresh(visit).version == 1


def test_a_text_that_is_too_long_is_refused_and_stays(place: Place) -> None:
    visit = place.visit()
    answer = place.post(visit, "visit-notes", {"reason": "x" * 1001}, headers=HTMX)
    assert answer.status_code == 400
    assert "x" * 1001 in answer.content.decode()
    assert "too long" in text_of(answer)
    assert fresh(visit).reason == ""


def test_a_clash_shows_both_and_does_only_mine_on_top(place: Place) -> None:
    visit = place.visit(reason="Cough", patient_note="Calls back")
    note_appointment(
        appointment_id=visit.pk,
        notes={"reason": "Cough and fever"},
        expected=Expected(1, by_header=False),
        caller=place.caller,
    )
    typed = {"reason": "Cough", "patient_note": "Calls back", "internal_note": "Room 2 please", "version": 1}
    answer = place.post(visit, "visit-notes", typed, headers=HTMX)
    clash = answer.context["trouble"].clash
    assert answer.status_code == 409
    assert clash.mine == [("Internal note", "Room 2 please")]
    assert clash.fields == {"internal_note": "Room 2 please"}
    assert "Room 2 please" in text_of(answer)
    place.post(visit, "visit-notes", {**clash.fields, "version": clash.version})
    assert (fresh(visit).reason, fresh(visit).internal_note) == ("Cough and fever", "Room 2 please")
