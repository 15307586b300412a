"""The search page: whole, as a fragment, in each of its empty states, and never beyond the clinic."""

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from providers.models import Clinic
from tests.browser.clinic_day import ClinicDay
from tests.factories import ContactPointFactory, MembershipFactory, RegistrationFactory
from tests.portal.people.conftest import client_of

HTMX = {"HX-Request": "true", "HX-Target": "hits"}
# The session with its user, the roles and the clinics.
FRAME = 3


def body(response: object) -> str:
    return response.content.decode()  # type: ignore[attr-defined, no-any-return]  # a response of Django's


def test_without_words_it_says_what_can_be_typed(day: ClinicDay, desk: Client) -> None:
    page = body(desk.get(day.path("patients")))
    assert "Who is it?" in page
    assert "<table" not in page


@pytest.mark.parametrize("words", ["santos", "Maria S", "0100", "R00001", "(202) 555-0100"])
def test_a_patient_is_found_by_what_the_desk_knows(day: ClinicDay, desk: Client, words: str) -> None:
    Clinic.objects.filter(pk=day.clinic.pk).update(region="US-NY")
    page = body(desk.get(day.path("patients"), {"q": words}))
    assert "Santos, Maria" in page
    assert "(202) 555-0100" in page
    assert "R00001" in page
    assert day.path("patient", patient=day.patients["maria"].pk) in page


def test_a_patient_is_found_by_birth_date(day: ClinicDay, desk: Client) -> None:
    maria = day.patients["maria"]
    page = body(desk.get(day.path("patients"), {"q": f"{maria.birth_date:%Y-%m-%d}"}))
    assert "Santos, Maria" in page


def test_what_is_typed_stands_in_no_address(day: ClinicDay, desk: Client) -> None:
    """The form sends it in its body, with a script and without, and so does the way on to somebody new."""
    page = body(desk.post(day.path("patients"), {"q": "santos"}))
    assert "Santos, Maria" in page
    assert '<form method="post"' in page.split('role="search"')[0].rsplit("\n", 1)[-1]
    part = desk.post(day.path("patients"), {"q": "santos"}, headers=HTMX)
    assert body(part).lstrip().startswith('<div id="hits"')
    assert not {"HX-Push-Url", "HX-Replace-Url"} & set(part.headers)
    nobody = body(desk.post(day.path("patients"), {"q": "zzyzx"}))
    assert f'action="{day.path("new-patient")}"' in nobody
    assert "?q=" not in page + nobody
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(day.desk, backend="django.contrib.auth.backends.ModelBackend")
    assert strict.post(day.path("patients"), {"q": "santos"}).status_code == 403


def test_a_key_opens_the_booking_from_each_page(day: ClinicDay, desk: Client) -> None:
    """The board and a patient's page have a link of their own; from all others the one in the bar leads there."""
    for name in ("board", "week", "month", "arrivals", "patients", "providers"):
        for client in (desk, client_of(day.doctor)):
            page = client.get(day.path(name), follow=True)
            assert body(page).count('data-key="b n"') == 1, name


def test_htmx_gets_the_list_alone(day: ClinicDay, desk: Client) -> None:
    page = body(desk.get(day.path("patients"), {"q": "santos"}, headers=HTMX))
    assert page.lstrip().startswith('<div id="hits"')
    assert "<html" not in page


def test_nobody_found_leads_to_a_new_patient(day: ClinicDay, desk: Client) -> None:
    page = body(desk.get(day.path("patients"), {"q": "zzyzx"}))
    assert "Nobody here fits" in page
    assert day.path("new-patient") in page


def test_words_that_cannot_be_searched_are_answered_in_words(day: ClinicDay, desk: Client) -> None:
    page = body(desk.get(day.path("patients"), {"q": "a b c d e f g h"}))
    assert "Search with 6 words at most." in page


def test_at_most_twenty_five_are_shown_and_it_says_that_there_are_more(day: ClinicDay, desk: Client) -> None:
    for number in range(26):
        RegistrationFactory.create(clinic=day.clinic, patient__family_name=f"Quillfeather {number}")
    page = body(desk.get(day.path("patients"), {"q": "quillfeather"}))
    assert page.count('<th scope="row">') == 25
    assert "Type more to narrow it down" in page


def test_patients_of_other_clinics_are_not_found(day: ClinicDay, desk: Client) -> None:
    stranger = RegistrationFactory.create(patient__family_name="Featherington", record_number="X900").patient
    ContactPointFactory.create(patient=stranger, value="+12025559876")
    for words in ("featherington", "X900", "9876"):
        assert "Featherington" not in body(desk.get(day.path("patients"), {"q": words})), words
    both = client_of(day.desk)
    MembershipFactory.create(user=day.desk, clinic=stranger.registrations.get().clinic)
    assert "Featherington" not in body(both.get(day.path("patients"), {"q": "featherington"}))


def test_a_search_asks_three_times(day: ClinicDay, desk: Client) -> None:
    with CaptureQueriesContext(connection) as asked:
        desk.get(day.path("patients"), {"q": "a"}, headers=HTMX)
    assert len(asked) == FRAME
    with CaptureQueriesContext(connection) as asked:
        desk.get(day.path("patients"), {"q": "san"}, headers=HTMX)
    assert len(asked) == FRAME + 3, [query["sql"] for query in asked]


def test_a_provider_finds_patients_and_registers_nobody(day: ClinicDay) -> None:
    doctor = client_of(day.doctor)
    page = body(doctor.get(day.path("patients"), {"q": "zzyzx"}))
    assert "Nobody here fits" in page
    assert day.path("new-patient") not in page
    assert doctor.get(day.path("new-patient")).status_code == 403
