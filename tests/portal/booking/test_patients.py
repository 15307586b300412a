"""Who calls is found by anything the desk may hear, or registered in place without losing what was typed."""

import datetime as dt
import uuid
from typing import Any

import pytest
from django.utils.html import escape

from appointments.services.booking import book_appointment
from mediconnect.portal.booking.reading.people import _split
from patients.models import Patient, Registration
from providers.models import Clinic
from tests.factories import ContactPointFactory
from tests.portal.booking.conftest import Panel


@pytest.mark.parametrize("q", ["moreau 1", "MOREAU lena", "2/29/1980", "(212) 555-4821", "4821", "r0001", "1980-02-29"])
def test_a_patient_is_found_by_name_birth_date_phone_and_number(panel: Panel, q: str) -> None:
    lena = panel.place.patients[1]
    Clinic.objects.filter(pk=panel.place.clinic.pk).update(region="US-NY")
    Patient.objects.filter(pk=lena.pk).update(birth_date=dt.date(1980, 2, 29))
    ContactPointFactory.create(patient=lena, value="+12125554821")
    answer = panel.get("patients/", target="book-found", q=q)
    assert f'value="{lena.pk}"'.encode() in answer.content
    assert b"Feb 29, 1980" in answer.content
    assert b"R0001" in answer.content


def test_one_letter_searches_nothing_and_nobody_found_says_what_to_do(panel: Panel) -> None:
    assert panel.get("patients/", target="book-found", q="m").content.strip() == b""
    answer = panel.get("patients/", target="book-found", q="zzyzx").content
    assert b"Nobody here by that" in answer
    assert b"Register somebody new" in answer


def test_a_search_that_cannot_be_made_says_why(panel: Panel) -> None:
    answer = panel.get("patients/", target="book-found", q="a b c d e f g h")
    assert answer.status_code == 200
    assert b"6 words at most" in answer.content


def test_a_provider_searches_and_leaves_registering_to_the_desk(doctor: Panel) -> None:
    answer = doctor.get("patients/", target="book-found", q="moreau").content
    assert b"Moreau 0" in answer
    assert b"Register somebody new" not in answer
    assert doctor.get("new-patient/").status_code == 404
    assert doctor.post("new-patient/", family_name="Adler").status_code == 404


def test_whoever_was_chosen_is_shown_with_the_visits_there_are(panel: Panel) -> None:
    place = panel.place
    book_appointment(place.booking(place.at(11)), caller=place.staff)
    answer = panel.get("patients/", target="book-patient", patient=place.patients[0].pk).content
    assert b'name="patient" id="book-patient-id"' in answer
    assert b"11:00\xc2\xa0AM" in answer
    assert b"Dr. Amara Obi" in answer
    assert b"data-busy" in answer


def test_without_a_script_searching_and_choosing_are_buttons_of_the_form(panel: Panel) -> None:
    searched = panel.post(act="search", q="moreau", reason="cough", type=panel.place.kind.pk)
    assert searched.status_code == 200
    assert b'name="reason" value="cough"' in searched.content
    patient = panel.place.patients[2]
    assert f'name="patient" value="{patient.pk}"'.encode() in searched.content
    chosen = panel.post(patient=str(patient.pk), q="moreau", reason="cough")
    assert chosen.status_code == 200
    assert b"Moreau 2" in chosen.content
    assert b'name="reason" value="cough"' in chosen.content
    again = panel.client.post(panel.url(), {"patient": [str(patient.pk), ""], "reason": "cough"})
    assert b'id="book-q"' in again.content
    assert b"Moreau 2, Lena</bdi>" not in again.content.partition(b'id="panel"')[2]


def test_enter_in_the_search_without_a_script_searches(panel: Panel) -> None:
    answer = panel.post(act="book", q="moreau", when=panel.slot(panel.place.at(9)))
    assert answer.status_code == 200
    assert b"Choose the patient first" in answer.content
    assert b"Moreau 0" in answer.content


def test_the_name_typed_is_split_into_a_first_guess(panel: Panel) -> None:
    answer = panel.post("new-patient/", target="book-patient", act="new", q="ana maria lópez 02/29/1980")
    newcomer = answer.context["newcomer"]
    assert (newcomer.given_name, newcomer.family_name) == ("Ana Maria", "López")
    assert newcomer.birth_date == "1980-02-29"
    Clinic.objects.filter(pk=panel.place.clinic.pk).update(region="US-NY")
    phoned = panel.post("new-patient/", target="book-patient", act="new", q="van Dyck, Jo (212) 555-4821")
    assert phoned.context["newcomer"].family_name == "van Dyck"
    assert phoned.context["newcomer"].given_name == "Jo"
    assert phoned.context["newcomer"].phone == "(212) 555-4821"


def test_names_are_split_as_they_are_written() -> None:
    assert _split(["smith"]) == ("", "Smith")
    assert _split(["Jon", "McGregor"]) == ("Jon", "McGregor")
    assert _split(["smith", ",", "jon"]) == ("Jon", "Smith")
    assert _split([]) == ("", "")


NEWCOMER: dict[str, Any] = {
    "given_name": "Ada",
    "family_name": "Berg",
    "birth_date": "1990-05-06",
    "phone": "212 555 4821",
    "reason": "cough",
    "q": "ada berg",
}


def test_somebody_new_is_registered_and_chosen_and_the_rest_of_the_form_stays(panel: Panel) -> None:
    Clinic.objects.filter(pk=panel.place.clinic.pk).update(region="US-NY")
    fragment = panel.post("new-patient/", target="book-patient", **NEWCOMER)
    assert fragment.status_code == 200
    ada = Patient.objects.get(family_name="Berg")
    assert ada.birth_date == dt.date(1990, 5, 6)
    assert Registration.objects.filter(patient=ada, clinic=panel.place.clinic).exists()
    assert f'value="{ada.pk}"'.encode() in fragment.content
    assert [point.value for point in ada.contact_points.all()] == ["+12125554821"]
    page = panel.post("new-patient/", **{**NEWCOMER, "family_name": "Lund", "phone": "", "birth_date": ""})
    assert b'name="reason" value="cough"' in page.content
    assert b"Lund, Ada" in page.content


def _told(answer: Any) -> list[str]:
    """Return the fields that the panel says something about; every sentence of it stands there."""
    errors = answer.context["refusal_of_newcomer"].errors
    assert all(escape(sentence) in answer.content.decode() for sentences in errors.values() for sentence in sentences)
    return list(errors)


def test_a_number_without_a_country_asks_for_one_and_keeps_what_was_typed(panel: Panel) -> None:
    answer = panel.post("new-patient/", target="book-patient", **{**NEWCOMER, "phone": "12"})
    assert answer.status_code == 400
    assert _told(answer) == ["value"]
    assert b'value="Ada"' in answer.content
    assert not Patient.objects.filter(family_name="Berg").exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"birth_date": "1990-02-31"}, "birth_date"),
        ({"birth_date": "2090-01-01"}, "birth_date"),
        ({"given_name": "", "family_name": ""}, "family_name"),
    ],
)
def test_what_cannot_be_is_said_beside_the_form(panel: Panel, changes: dict[str, str], field: str) -> None:
    answer = panel.post("new-patient/", target="book-patient", **{**NEWCOMER, "phone": "", **changes})
    assert answer.status_code == 400
    assert _told(answer) == [field]


def test_a_likely_duplicate_is_shown_and_either_used_or_passed(panel: Panel) -> None:
    known = panel.place.patients[0]
    Patient.objects.filter(pk=known.pk).update(family_name="Bergh", given_name="Ada", birth_date=dt.date(1990, 5, 6))
    words = {**NEWCOMER, "phone": ""}
    warned = panel.post("new-patient/", target="book-patient", **words)
    assert warned.status_code == 409
    assert b"may be registered already" in warned.content
    assert b"same birth date and a similar name" in warned.content
    assert b"R0000" in warned.content
    assert f'name="patient" value="{known.pk}"'.encode() in warned.content
    assert not Patient.objects.filter(family_name="Berg").exists()
    passed = panel.post("new-patient/", target="book-patient", **words, confirm="yes")
    assert passed.status_code == 200
    assert Patient.objects.filter(family_name="Berg").count() == 1


def test_a_double_click_registers_once(panel: Panel) -> None:
    key = f"page-{uuid.uuid4()}"
    words = {**NEWCOMER, "phone": "", "key": key}
    answers = [panel.post("new-patient/", target="book-patient", **words) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert Patient.objects.filter(family_name="Berg").count() == 1
    # The control: with another key the second is warned of the first.
    assert panel.post("new-patient/", target="book-patient", **{**words, "key": f"{key}2"}).status_code == 409
