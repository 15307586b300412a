"""A patient's page: what it shows, what it leaves out, how often it asks, and in which language."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Status
from patients.models import Registration
from patients.services.changes import PatientChange, change_patient
from tests.browser.clinic_day import ClinicDay
from tests.factories import (
    AppointmentFactory,
    ContactPointFactory,
    DependantFactory,
    MembershipFactory,
    RegistrationFactory,
)
from tests.portal.people.conftest import client_of


def body(client: Client, address: str, **query: str) -> str:
    response = client.get(address, query)
    assert response.status_code == 200
    return response.content.decode()


def address(day: ClinicDay, patient: str = "maria") -> str:
    return day.path("patient", patient=day.patients[patient].pk)


def test_the_page_says_who_it_is_and_how_to_reach_them(day: ClinicDay, desk: Client) -> None:
    page = body(desk, address(day))
    assert "<bdi>Maria Santos</bdi>" in page
    assert "R00001" in page
    assert 'href="tel:+12025550100"' in page
    assert "Not invited yet." in page
    assert f"{day.path('book')}?patient={day.patients['maria'].pk}" in page


def test_htmx_gets_the_record_alone(day: ClinicDay, desk: Client) -> None:
    response = desk.get(address(day), headers={"HX-Request": "true", "HX-Target": "record"})
    assert response.content.decode().lstrip().startswith('<div id="record"')


def test_visits_stand_as_upcoming_and_past_and_lead_to_their_cards(day: ClinicDay, desk: Client) -> None:
    page = body(desk, address(day, "mei"))
    upcoming, past = page.split("<h3>Past and cancelled</h3>")
    assert day.path("visit", visit=day.visits["booked"].pk) in upcoming
    assert "No visit yet." in past
    assert (
        day.path("visit", visit=day.visits["no_show"].pk)
        in body(desk, address(day, "peter")).split("Past and cancelled")[1]
    )


def test_past_visits_come_ten_to_a_page(day: ClinicDay, desk: Client) -> None:
    for number in range(12):
        AppointmentFactory.create(
            clinic=day.clinic,
            provider=day.providers[2],
            appointment_type=day.follow_up,
            patient=day.patients["maria"],
            status=Status.CANCELLED,
            cancellation_reason="patient_request",
            starts_at=day.at(-180 - 15 * number),
        )
    first, second = body(desk, address(day)), body(desk, address(day), past="2")
    assert first.count('<span class="chip is-cancelled">') + second.count('<span class="chip is-cancelled">') == 12
    assert "?past=2" in first
    assert "?past=1" in second
    assert body(desk, address(day), past="nonsense")


def test_a_provider_reads_and_does_not_write(day: ClinicDay) -> None:
    page = body(client_of(day.doctor), address(day))
    assert "<form" not in page.split('<div id="record"')[1].split("</main>")[0]
    assert day.path("visit", visit=day.visits["completed"].pk) in page


def test_a_provider_sees_the_own_visits_with_a_patient_alone(day: ClinicDay) -> None:
    page = body(client_of(day.doctor), address(day, "olga"))
    assert day.path("visit", visit=day.visits["confirmed"].pk) not in page


def test_somebody_of_another_clinic_is_nobody(day: ClinicDay, desk: Client) -> None:
    stranger = RegistrationFactory.create(patient__family_name="Featherington").patient
    response = desk.get(day.path("patient", patient=stranger.pk))
    assert response.status_code == 404
    assert "Featherington" not in response.content.decode()


def test_a_colleague_of_two_clinics_sees_at_each_only_its_own(day: ClinicDay, desk: Client) -> None:
    stranger = RegistrationFactory.create().patient
    MembershipFactory.create(user=day.desk, clinic=stranger.registrations.get().clinic)
    assert desk.get(day.path("patient", patient=stranger.pk)).status_code == 404


def test_where_else_somebody_is_known_is_shown_for_the_own_clinics_alone(day: ClinicDay, desk: Client) -> None:
    maria = day.patients["maria"]
    RegistrationFactory.create(patient=maria, clinic__name="Foreign Hill", record_number="Foreign-77")
    own = RegistrationFactory.create(patient=maria, clinic__name="Second Street", record_number="Second-77")
    MembershipFactory.create(user=day.desk, clinic=own.clinic)
    page = body(desk, address(day))
    assert "Second Street" in page
    assert "Second-77" in page
    assert "Foreign Hill" not in page
    assert "Foreign-77" not in page


def test_relatives_of_other_clinics_are_not_shown(day: ClinicDay, desk: Client) -> None:
    maria, olga = day.patients["maria"], day.patients["olga"]
    DependantFactory.create(guardian=maria, patient=olga, relationship="daughter")
    DependantFactory.create(guardian=maria, patient__family_name="Featherington")
    DependantFactory.create(guardian__family_name="Uppington", patient=maria)
    page = body(desk, address(day))
    assert "Petrova, Olga" in page
    assert "daughter" in page
    assert "Featherington" not in page
    assert "Uppington" not in page
    assert "Santos, Maria" in body(desk, address(day, "olga"))


def test_a_possible_duplicate_is_hinted(day: ClinicDay, desk: Client) -> None:
    ContactPointFactory.create(patient=day.patients["olga"], value="+12025550100")
    page = body(desk, address(day))
    assert "Perhaps the same person" in page
    assert "Petrova, Olga" in page


def test_the_history_says_who_and_which_fields_and_never_what_is_sealed(day: ClinicDay, desk: Client) -> None:
    maria = day.patients["maria"]
    desk.post(
        day.path("patient-notes", patient=maria.pk),
        {"key": "page-a-key-of-a-form", "version": "1", "notes": "Afraid of needles"},
    )
    desk.post(
        day.path("patient-contacts", patient=maria.pk),
        {"key": "page-another-key-of-a-form", "value": "new@example.org"},
    )
    desk.post(
        day.path("patient-notes", patient=maria.pk), {"key": "page-a-third-key-of-a-form", "version": "3", "notes": ""}
    )
    history = body(desk, address(day)).split('id="history"')[1]
    assert "Dana Brooks" in history
    assert "E-mail address added" in history
    assert "Notes" in history
    assert "needles" not in history
    assert "new@example.org" not in history
    assert "gAAAA" not in history


def test_who_wrote_at_another_clinic_is_not_named(day: ClinicDay, desk: Client) -> None:
    from mediconnect.records import acting  # noqa: PLC0415

    stranger = MembershipFactory.create(user__display_name="Quentin Farr").user
    maria = day.patients["maria"]
    with acting(actor_id=stranger.pk):
        change_patient(
            patient_id=maria.pk, version=1, change=PatientChange(given_name="Mariana"), today=dt.date(2026, 1, 1)
        )
    history = body(desk, address(day)).split('id="history"')[1]
    assert "Mariana" in history
    assert "Quentin Farr" not in history
    assert "somebody outside this clinic" in history


def test_the_page_asks_as_often_for_much_as_for_little(day: ClinicDay, desk: Client) -> None:
    def asked(patient: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            desk.get(address(day, patient))
        return len(queries)

    desk.get(address(day))
    little = asked("layla")
    maria = day.patients["maria"]
    for number in range(5):
        ContactPointFactory.create(patient=maria)
        other = RegistrationFactory.create(clinic=day.clinic).patient
        DependantFactory.create(guardian=maria, patient=other)
        DependantFactory.create(guardian=other, patient=maria)
        AppointmentFactory.create(
            clinic=day.clinic, provider=day.providers[number % 3], appointment_type=day.follow_up, patient=maria
        )
    assert asked("maria") == little
    assert little <= 20


@pytest.mark.parametrize("patient", ["layla", "noa", "max"])
def test_names_of_every_script_and_length_stand_apart(day: ClinicDay, desk: Client, patient: str) -> None:
    person = day.patients[patient]
    assert f"<bdi>{person.given_name} {person.family_name}</bdi>" in body(desk, address(day, patient))


def test_a_reader_of_spanish_gets_the_page_in_spanish(day: ClinicDay, desk: Client) -> None:
    response = desk.get(address(day), headers={"Accept-Language": "es"})
    assert response["Content-Language"].startswith("es")
    assert '<html lang="es' in response.content.decode()
    assert Registration.objects.filter(clinic=day.clinic).exists()
