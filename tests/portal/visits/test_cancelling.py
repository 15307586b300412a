"""Cancelling asks once, why; it can be taken back for two minutes."""

import datetime as dt
import uuid
from typing import Any

from appointments.models import Appointment
from appointments.services.flow import advance_appointment
from mediconnect.api.versions import Expected

from .conftest import HTMX, Place, path_of, text_of


def test_it_asks_why_in_words(place: Place) -> None:
    visit = place.visit()
    answer = place.panel(visit, "visit-cancel")
    words = text_of(answer)
    assert answer.status_code == 200
    assert "Cancel this visit?" in words
    assert "No transport" in words
    assert "Booked by mistake" in words
    assert "Keep the visit" in words


def test_one_click_on_a_reason_cancels(place: Place) -> None:
    visit = place.visit()
    answer = place.post(visit, "visit-cancel", {"reason": "patient_transport"})
    assert answer.status_code == 303
    assert path_of(answer) == place.path(visit)
    visit.refresh_from_db()
    assert (visit.status, visit.cancellation_reason) == ("cancelled", "patient_transport")
    assert "Cancelled. The time is free again." in text_of(place.panel(visit))


def test_it_is_taken_back_within_two_minutes(place: Place) -> None:
    visit = place.visit()
    place.post(visit, "visit-cancel", {"reason": "clinic_error"})
    undo = place.client.session["undo"]
    place.post(visit, "visit-undo", {**undo["fields"], "version": undo["version"]})
    assert Appointment.objects.get(pk=visit.pk).status == "booked"


def test_afterwards_it_is_too_late_and_says_so(place: Place, time_machine: Any) -> None:
    visit = place.visit()
    place.post(visit, "visit-cancel", {"reason": "clinic_error"})
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=3))
    answer = place.post(visit, "visit-undo", headers=HTMX)
    assert answer.status_code == 409
    assert "It is too late to undo this" in text_of(answer)


def test_a_time_given_away_meanwhile_is_not_taken_back(place: Place) -> None:
    visit = place.visit(place.at(9))
    place.post(visit, "visit-cancel", {"reason": "clinic_error"})
    place.visit(place.at(9), patient=place.others[0])
    answer = place.post(visit, "visit-undo", headers=HTMX)
    assert answer.status_code == 409
    assert "The time is taken" in text_of(answer)


def test_without_a_reason_it_asks_again(place: Place) -> None:
    visit = place.visit()
    answer = place.post(visit, "visit-cancel", {"reason": ""})
    assert answer.status_code == 400
    assert "Cancel this visit?" in text_of(answer)
    assert "Choose why it is cancelled." in text_of(answer)
    assert Appointment.objects.get(pk=visit.pk).status == "booked"


def test_sent_twice_it_cancels_once(place: Place) -> None:
    visit = place.visit()
    form = {"reason": "clinic_error", "version": 1, "key": f"page-{uuid.uuid4()}"}
    assert [place.post(visit, "visit-cancel", form).status_code for _time in range(2)] == [303, 303]
    assert Appointment.objects.get(pk=visit.pk).version == 2


def test_somebody_elses_change_is_shown_first(place: Place) -> None:
    visit = place.now()
    advance_appointment(
        appointment_id=visit.pk, step="arrive", expected=Expected(1, by_header=False), caller=place.caller
    )
    answer = place.post(visit, "visit-cancel", {"reason": "clinic_error", "version": 1}, headers=HTMX)
    assert answer.status_code == 409
    clash = answer.context["trouble"].clash
    assert [(word, after) for word, _before, after in clash.theirs] == [("Status", "arrived")]
    assert clash.mine == [("Cancel the visit", "clinic: booked by mistake")]


def test_what_is_over_is_not_cancelled(place: Place) -> None:
    visit = place.now("completed")
    assert place.panel(visit, "visit-cancel").status_code == 409
    answer = place.post(visit, "visit-cancel", {"reason": "clinic_error"}, headers=HTMX)
    assert answer.status_code == 409
    assert "The visit is not ready for this step" in text_of(answer)
