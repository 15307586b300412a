"""The steps of the day: one click forward, one back, once per form, and never over somebody else's step."""

import uuid
from typing import Any

import pytest

from appointments.models import Appointment
from appointments.services.flow import advance_appointment
from appointments.services.moving import reschedule_appointment
from mediconnect.api.versions import Expected

from .conftest import HTMX, Place, path_of, text_of


def status_of(visit: Appointment) -> str:
    return Appointment.objects.get(pk=visit.pk).status


@pytest.mark.parametrize(
    ("status", "step", "after", "notice"),
    [
        ("booked", "confirm", "confirmed", "Confirmed."),
        ("booked", "arrive", "arrived", "Arrived."),
        ("arrived", "room", "roomed", "In a room."),
        ("arrived", "start", "in_progress", "With the provider."),
        ("in_progress", "complete", "completed", "Completed."),
        ("booked", "no-show", "no_show", "Marked as a no-show. The time is free again."),
    ],
)
def test_a_step_is_taken_said_and_leads_back_to_the_card(
    place: Place, status: str, step: str, after: str, notice: str
) -> None:
    visit = place.now(status)
    answer = place.post(visit, "visit-step", {"step": step})
    assert answer.status_code == 303
    assert path_of(answer) == place.path(visit)
    assert status_of(visit) == after
    shown = place.panel(visit)
    assert notice in text_of(shown)
    assert f'action="{place.path(visit, "visit-undo")}"' in shown.content.decode()


def test_the_undo_of_the_notice_takes_it_back(place: Place) -> None:
    visit = place.now()
    place.post(visit, "visit-step", {"step": "arrive"})
    undo = place.client.session["undo"]
    answer = place.post(visit, "visit-undo", {**undo["fields"], "version": undo["version"]})
    assert answer.status_code == 303
    assert status_of(visit) == "booked"


def test_the_card_offers_the_same_undo(place: Place) -> None:
    visit = place.now()
    place.post(visit, "visit-step", {"step": "arrive"})
    back = place.panel(visit).context["card"].back
    assert (back.what, back.label) == ("step", "Back to “booked”")


def test_a_form_sent_twice_acts_once(place: Place) -> None:
    visit = place.now()
    form = {"step": "arrive", "version": 1, "key": f"page-{uuid.uuid4()}"}
    first, second = (place.post(visit, "visit-step", form) for _time in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert Appointment.objects.get(pk=visit.pk).version == 2


def test_control_two_forms_of_one_page_clash(place: Place) -> None:
    visit = place.now()
    first = place.post(visit, "visit-step", {"step": "arrive", "version": 1})
    second = place.post(visit, "visit-step", {"step": "arrive", "version": 1})
    assert (first.status_code, second.status_code) == (303, 409)


def test_a_clash_says_whose_change_came_first_and_leaves_the_choice(place: Place) -> None:
    visit = place.now()
    page_version = visit.version
    advance_appointment(
        appointment_id=visit.pk, step="confirm", expected=Expected(1, by_header=False), caller=place.caller
    )
    answer = place.post(visit, "visit-step", {"step": "arrive", "version": page_version}, headers=HTMX)
    words, page = text_of(answer), answer.content.decode()
    assert answer.status_code == 409
    assert "Nadia Brandt changed it" in words
    assert "booked → confirmed" in words
    assert 'name="step" value="arrive"' in page
    assert f'href="{place.path(visit)}"' in page
    clash = answer.context["trouble"].clash
    mine = place.post(visit, "visit-step", {**clash.fields, "version": clash.version})
    assert mine.status_code == 303
    assert status_of(visit) == "arrived"


def test_a_clash_offers_nothing_on_top_where_it_was_already_done(place: Place) -> None:
    visit = place.now()
    place.post(visit, "visit-step", {"step": "arrive", "version": 1})
    answer = place.post(visit, "visit-step", {"step": "arrive", "version": 1}, headers=HTMX)
    assert answer.status_code == 409
    assert answer.context["trouble"].clash.action == ""
    assert "Do mine on top" not in text_of(answer)


def test_a_step_out_of_order_is_refused_in_words(place: Place) -> None:
    visit = place.visit()
    answer = place.post(visit, "visit-step", {"step": "complete"}, headers=HTMX)
    assert answer.status_code == 409
    assert "The visit is not ready for this step" in text_of(answer)
    assert "The visit is “booked” now" in text_of(answer)
    assert 'role="alert"' in answer.content.decode()
    assert status_of(visit) == "booked"


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"step": "dance"}, 400),
        ({"step": "arrive", "version": ""}, 428),
        ({"step": "arrive", "version": "two"}, 400),
        ({"step": "arrive", "key": ""}, 400),
    ],
)
def test_a_broken_form_is_refused_beside_the_card(place: Place, fields: dict[str, str], status: int) -> None:
    visit = place.now()
    answer = place.post(visit, "visit-step", fields)
    assert answer.status_code == status
    assert "Moreau, Lena" in text_of(answer)
    assert status_of(visit) == "booked"


def test_a_refusal_lands_in_the_panel_whatever_the_form_wanted_to_replace(place: Place) -> None:
    visit = place.visit()
    headers = {"HX-Request": "true", "HX-Target": "board"}
    answer = place.post(visit, "visit-step", {"step": "complete"}, headers=headers)
    assert answer["HX-Retarget"] == "#panel"
    assert answer["HX-Push-Url"] == place.path(visit)
    assert "<html" not in answer.content.decode()


def test_after_a_step_one_goes_on_where_the_form_says_and_never_elsewhere(place: Place) -> None:
    visit = place.now()
    here = f"/clinics/{place.clinic.pk}/arrivals/"
    assert place.post(visit, "visit-step", {"step": "arrive", "next": here})["Location"] == here
    assert place.client.session["undo"]["fields"] == {"next": here}
    abroad = place.post(visit, "visit-step", {"step": "start", "next": "https://elsewhere.example/"})
    assert path_of(abroad) == place.path(visit)


def test_the_undo_of_a_move_moves_it_back(place: Place) -> None:
    visit = place.visit(place.at(9))
    moved, _terms = reschedule_appointment(
        appointment_id=visit.pk, start=place.at(11), expected=Expected(1, by_header=False), caller=place.caller
    )
    assert place.panel(visit).context["card"].back.what == "move"
    answer = place.post(visit, "visit-undo", {"what": "move", "version": moved.version})
    assert answer.status_code == 303
    assert Appointment.objects.get(pk=visit.pk).starts_at == place.at(9)


def test_what_cannot_be_taken_back_says_so(place: Place) -> None:
    answer = place.post(place.visit(), "visit-undo", headers=HTMX)
    assert answer.status_code == 409
    assert "There is nothing to undo" in text_of(answer)


@pytest.mark.parametrize("name", ["visit-step", "visit-undo", "visit-notes"])
def test_an_address_that_only_takes_forms_leads_to_the_card(place: Place, name: str) -> None:
    visit = place.visit()
    assert path_of(place.get(visit, name)) == place.path(visit)


def test_no_notice_names_the_patient(place: Place) -> None:
    visit = place.now()
    place.post(visit, "visit-step", {"step": "arrive"})
    kept: Any = str(dict(place.client.session)) + str(place.client.cookies)
    assert "Moreau" not in kept
    assert "Lena" not in kept
