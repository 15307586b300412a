"""Registering somebody new: what was typed stays, likely duplicates are shown, a double click registers once."""

import uuid

import pytest
from django.test import Client

from mediconnect.records.models import Change
from patients.models import Patient, Registration
from tests.browser.clinic_day import ClinicDay
from tests.factories import RegistrationFactory


def typed(**words: str) -> dict[str, str]:
    """Return what the form sends."""
    person = {"given_name": "Nora", "family_name": "Lindgren", "birth_date": "1984-05-06", "phone": "+12025550187"}
    return {"key": f"page-{uuid.uuid4()}", **person, "email": "nora@example.org", "language": "es", **words}


def test_a_new_patient_gets_a_record_and_a_number(day: ClinicDay, desk: Client) -> None:
    response = desk.post(day.path("new-patient"), typed(notes="Needs an interpreter."))
    patient = Patient.objects.get(family_name="Lindgren")
    assert response.status_code == 303
    assert response["Location"] == day.path("patient", patient=patient.pk)
    assert (patient.language, patient.notes) == ("es", "Needs an interpreter.")
    assert {point.value for point in patient.contact_points.all()} == {"+12025550187", "nora@example.org"}
    assert Registration.objects.get(patient=patient).clinic == day.clinic
    assert set(Change.objects.of(patient).values_list("actor_id", flat=True)) == {day.desk.pk}
    page = desk.get(response["Location"]).content.decode()
    assert "Registered." in page
    assert "Needs an interpreter." in page


def test_the_words_of_the_search_begin_the_form(day: ClinicDay, desk: Client) -> None:
    """They come in a form: a name in an address would stay in the history of a desk that others use."""
    page = desk.post(day.path("new-patient"), {"q": "nora lindgren", "begin": "1"}).content.decode()
    assert 'value="Nora"' in page
    assert 'value="Lindgren"' in page


def test_a_double_click_registers_once(day: ClinicDay, desk: Client) -> None:
    form = typed()
    first, second = (desk.post(day.path("new-patient"), form) for _ in range(2))
    assert first["Location"] == second["Location"]
    assert Patient.objects.filter(family_name="Lindgren").count() == 1


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("birth_date", "1984-02-31", "There is no such date."),
        ("birth_date", "2999-01-01", "This date lies in the future."),
        ("phone", "12", "This is no phone number"),
        ("email", "nora at home", "This is no e-mail address."),
        ("family_name", "\u202eLindgren", "Control characters have no place here."),
        ("language", "klingon!", "Write the language as in"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_stays(
    day: ClinicDay, desk: Client, field: str, value: str, sentence: str
) -> None:
    response = desk.post(day.path("new-patient"), typed(**{field: value}))
    page = response.content.decode()
    assert response.status_code == 400
    assert sentence in page
    assert 'value="Nora"' in page
    assert not Patient.objects.filter(given_name="Nora").exists()


def test_somebody_without_a_name_is_not_registered(day: ClinicDay, desk: Client) -> None:
    response = desk.post(day.path("new-patient"), typed(given_name="", family_name=" "))
    assert response.status_code == 400
    assert "A person has a given or a family name, or both." in response.content.decode()


def test_a_likely_duplicate_is_shown_with_reasons_before_anything_is_written(day: ClinicDay, desk: Client) -> None:
    maria = day.patients["maria"]
    form = typed(given_name="María", family_name="Santos", birth_date=str(maria.birth_date), phone="+12025550100")
    response = desk.post(day.path("new-patient"), form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "same birth date, similar name" in page
    assert "same phone or e-mail address" in page
    assert day.path("patient", patient=maria.pk) in page
    assert 'value="María"' in page
    assert Patient.objects.filter(family_name="Santos").count() == 1
    again = desk.post(day.path("new-patient"), form | {"confirm_duplicate": "1"})
    assert again.status_code == 303
    assert Patient.objects.filter(family_name="Santos").count() == 2


def test_who_is_known_elsewhere_is_nobody_s_duplicate_here(day: ClinicDay, desk: Client) -> None:
    elsewhere = RegistrationFactory.create(patient__given_name="Nora", patient__family_name="Lindgren").patient
    response = desk.post(day.path("new-patient"), typed(birth_date=str(elsewhere.birth_date)))
    assert response.status_code == 303
