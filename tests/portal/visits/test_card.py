"""The card: everything about a visit, and what can be done to it now."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from appointments.services.booking import Override
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from appointments.services.noting import note_appointment
from appointments.services.prioritising import prioritise
from mediconnect.api.versions import Expected
from tests.factories import RoomFactory

from .conftest import HTMX, Place, text_of


def expected(version: int) -> Expected:
    return Expected(version, by_header=False)


def test_the_panel_shows_the_visit_alone(place: Place) -> None:
    visit = place.visit(place.at(9, 30), reason="Cough")
    answer = place.panel(visit)
    words = text_of(answer)
    assert answer.status_code == 200
    assert "<html" not in answer.content.decode()
    for word in ("Moreau, Lena", "R0815", "booked", "Dr. Okafor", "Consultation", "Cough", "(202) 555-0143", "30 min"):
        assert word in words
    assert 'href="tel:+12025550143"' in answer.content.decode()


def test_a_plain_request_shows_it_beside_its_day(place: Place) -> None:
    visit = place.visit()
    answer = place.get(visit, query={"who": str(place.okafor.pk)})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "<html" in page
    assert 'class="visit-card"' in page
    assert f"who={place.okafor.pk}" in page


def test_over_arrivals_it_stands_beside_them_and_leads_back_there(place: Place) -> None:
    answer = place.get(place.now(), query={"over": "arrivals"})
    page = answer.content.decode()
    assert 'id="flow"' in page
    assert f'data-close href="/clinics/{place.clinic.pk}/arrivals/"' in page
    assert "step/?over=arrivals" in page


def test_a_card_fetched_in_the_background_moves_neither_focus_nor_history(place: Place) -> None:
    answer = place.get(place.visit(), headers=HTMX | {"X-Background": "1"})
    assert answer["HX-Push-Url"] == "false"
    assert "data-focus" not in answer.content.decode()
    assert "data-focus" in place.panel(place.visit(place.at(10))).content.decode()


def test_every_step_that_makes_sense_is_one_click_away(place: Place) -> None:
    assert buttons(place.panel(place.visit())) == ["confirm"]
    room = RoomFactory.create(clinic=place.clinic, name="Exam 3")
    assert buttons(place.panel(place.now())) == ["arrive", "no-show"]
    in_a_room = place.now("arrived", patient=place.others[0], provider=place.reyes, room=room)
    assert buttons(place.panel(in_a_room)) == ["room", "start"]
    assert "In Exam 3" in text_of(place.panel(in_a_room))


def buttons(answer: Any) -> list[str]:
    return [button.step for button in answer.context["card"].steps]


def test_the_likely_step_is_the_primary_one(place: Place) -> None:
    steps = place.panel(place.now("arrived")).context["card"].steps
    assert [(button.step, button.primary) for button in steps] == [("start", True), ("room", False)]


def test_the_day_is_told_by_its_moments(place: Place) -> None:
    visit = place.now()
    advance_appointment(appointment_id=visit.pk, step="arrive", expected=expected(1), caller=place.caller)
    assert "arrived" in text_of(place.panel(visit))


def test_an_override_says_who_and_why(place: Place) -> None:
    visit = place.visit()
    reschedule_appointment(
        appointment_id=visit.pk,
        start=place.at(11),
        expected=expected(1),
        caller=place.caller,
        override=Override(place.desk.pk, "Doctor agreed"),
    )
    words = text_of(place.panel(visit))
    assert "Doctor agreed" in words
    assert "Nadia Brandt" in words


def test_what_happened_is_told_with_names_and_without_notes(place: Place) -> None:
    visit = place.visit(place.at(9))
    reschedule_appointment(
        appointment_id=visit.pk,
        start=place.at(14),
        expected=expected(1),
        caller=place.caller,
        provider_id=place.reyes.pk,
        minutes=45,
    )
    note_appointment(
        appointment_id=visit.pk, notes={"internal_note": "secret words"}, expected=expected(2), caller=place.caller
    )
    history = place.panel(visit).context["card"].history
    assert [entry.who for entry in history] == ["Nadia Brandt", "Nadia Brandt", ""]
    assert [(said.word, said.before, said.after) for said in history[0].said] == [("Internal note", "", "")]
    told = {said.word: (said.before, said.after) for said in history[1].said}
    assert told["Provider"] == ("Dr. Okafor", "Dr. Reyes")
    assert told["Length"] == ("30\N{NO-BREAK SPACE}min", "45\N{NO-BREAK SPACE}min")
    assert told["Start"][1].endswith("2:00\N{NO-BREAK SPACE}PM")
    assert [said.word for said in history[2].said] == ["Booked"]


def test_an_urgent_visit_says_so_and_since_when(place: Place) -> None:
    visit = place.now("arrived")
    assert "Urgent" not in text_of(place.panel(visit))
    prioritise(appointment_id=visit.pk, priority="urgent", expected=expected(1), caller=place.caller)
    answer = place.panel(visit)
    assert "Urgent" in text_of(answer)
    assert [(one.word, one.after) for one in answer.context["card"].history[0].said] == [("Priority", "urgent")]


def test_a_text_sealed_anew_is_no_change(place: Place) -> None:
    visit = place.now(reason="Cough")
    advance_appointment(appointment_id=visit.pk, step="arrive", expected=expected(1), caller=place.caller)
    history = place.panel(visit).context["card"].history
    assert [[said.word for said in entry.said] for entry in history] == [["Status"], ["Booked"]]


def test_a_long_history_stands_behind_a_link(place: Place) -> None:
    visit = place.visit()
    for number in range(1, 8):
        note_appointment(
            appointment_id=visit.pk, notes={"reason": f"Try {number}"}, expected=expected(number), caller=place.caller
        )
    card = place.panel(visit).context["card"]
    assert len(card.history) == 5
    assert card.earlier == 3
    assert len(place.panel(visit, query={"history": "all"}).context["card"].history) == 8


def test_a_cancelled_visit_says_why_and_can_be_booked_again(place: Place) -> None:
    visit = place.visit()
    cancel_appointment(appointment_id=visit.pk, reason="patient_transport", expected=expected(1), caller=place.caller)
    answer = place.panel(visit)
    page = answer.content.decode()
    assert "patient: no transport" in page
    assert f"patient={place.patient.pk}&amp;type={place.kind.pk}&amp;provider={place.okafor.pk}" in page
    assert answer.context["card"].back.what == "step"
    assert "Undo the cancellation" in page


def test_the_undo_of_a_cancellation_is_offered_for_two_minutes(place: Place, time_machine: Any) -> None:
    visit = place.visit()
    cancel_appointment(appointment_id=visit.pk, reason="clinic_error", expected=expected(1), caller=place.caller)
    time_machine.move_to(dt.datetime.now(dt.UTC) + dt.timedelta(minutes=3))
    assert place.panel(visit).context["card"].back is None


def test_names_from_right_to_left_stand_apart(place: Place) -> None:
    place.patient.family_name, place.patient.given_name = "عبد الرحمن", "ليلى"
    place.patient.save()
    assert '<bdi class="person">عبد الرحمن, ليلى</bdi>' in place.panel(place.visit()).content.decode()


def test_patients_notes_are_a_flag_and_not_read_out(place: Place) -> None:
    place.patient.notes = "Afraid of needles"
    place.patient.save()
    words = text_of(place.panel(place.visit()))
    assert "Has notes" in words
    assert "needles" not in words


@pytest.mark.parametrize("name", ["visit", "visit-move", "visit-cancel"])
def test_the_number_of_statements_is_fixed(place: Place, name: str) -> None:
    visit = place.visit()
    for number in range(1, 4):
        note_appointment(
            appointment_id=visit.pk, notes={"reason": f"Try {number}"}, expected=expected(number), caller=place.caller
        )
    place.panel(visit, name)
    with CaptureQueriesContext(
        connection,
    ) as statements:
        place.panel(visit, name)
    assert len(statements) <= 9, [query["sql"][:90] for query in statements]


def test_the_card_speaks_spanish(place: Place) -> None:
    answer = place.client.get(
        place.path(place.visit()), headers={"HX-Request": "true", "HX-Target": "panel", "Accept-Language": "es"}
    )
    assert answer.status_code == 200
    assert answer["Content-Language"] == "es"
