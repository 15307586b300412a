"""A walk-in: found or registered, given a time and arrived in one step; and who is seen first."""

import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import Appointment, Priority, Status
from patients.models import Patient
from providers.models import AppointmentType, TypeOverride
from tests.browser.clinic_day import ClinicDay
from tests.factories import AppointmentTypeFactory, ProviderFactory, RegistrationFactory
from tests.portal.people.conftest import client_of

PANEL = {"HX-Request": "true", "HX-Target": "panel"}
NEW = {"patient": "new", "given_name": "Nora", "family_name": "Lindgren", "birth_date": "1984-05-06"}


def send(client: Client, day: ClinicDay, headers: Any = None, **words: Any) -> Any:
    """Send the form, as the page does it: with a key and the words that the list was found for."""
    form = {"key": f"page-{uuid.uuid4()}", "q": "", "found_for": words.get("q", ""), "type": str(day.consultation.pk)}
    return client.post(day.path("walk-in"), form | words, headers=headers)


def visit_of(patient: Patient) -> Appointment:
    return Appointment.objects.get(patient=patient, status=Status.ARRIVED)


def test_the_form_stands_beside_the_flow_and_alone(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("walk-in")).content.decode()
    assert 'id="flow"' in page
    assert 'id="walk-in"' in page
    fragment = desk.get(day.path("walk-in"), headers=PANEL)
    assert 'id="flow"' not in fragment.content.decode()
    assert fragment["HX-Push-Url"] == day.path("walk-in")


def test_the_commonest_type_is_chosen(day: ClinicDay, desk: Client) -> None:
    page = desk.get(day.path("walk-in")).content.decode()
    assert f'value="{day.consultation.pk}" selected' in page


def test_a_patient_is_found_while_one_types(day: ClinicDay, desk: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "walk-in-found"}
    page = desk.get(day.path("walk-in-patients"), {"q": "noa"}, headers=headers).content.decode()
    assert "<html" not in page
    nobody = desk.get(day.path("walk-in-patients"), {"q": "zzyzx lindgren"}, headers=headers).content.decode()
    assert "Nobody here fits." in nobody
    assert 'value="Lindgren"' in nobody
    one = desk.get(day.path("walk-in-patients"), {"q": "R00009"}, headers=headers).content.decode()
    assert f'value="{day.patients["james"].pk}" checked' in one


def test_a_search_asks_little(day: ClinicDay, desk: Client) -> None:
    headers = {"HX-Request": "true", "HX-Target": "walk-in-found"}
    desk.get(day.path("walk-in-patients"), {"q": "james"}, headers=headers)
    with CaptureQueriesContext(connection) as asked:
        desk.get(day.path("walk-in-patients"), {"q": "james"}, headers=headers)
    assert len(asked) <= 6, [query["sql"] for query in asked]


def test_a_known_patient_is_added_in_one_step(day: ClinicDay, desk: Client) -> None:
    james = day.patients["james"]
    response = send(desk, day, PANEL, q="james", patient=james.pk, reason="Fell off a ladder", urgent="1")
    assert response.status_code == 303
    assert response["Location"] == day.path("arrivals")
    visit = visit_of(james)
    assert (visit.appointment_type, visit.reason, visit.priority) == (
        day.consultation,
        "Fell off a ladder",
        Priority.URGENT,
    )
    shown = desk.get(response["Location"], headers=PANEL).content.decode()
    assert "Arrived, with Dr." in shown
    assert "Whitfield" not in shown
    flow = desk.get(day.path("arrivals")).content.decode()
    waiting = flow.split('id="flow-arrived"')[1].split("</section>")[0]
    assert waiting.index("Whitfield") < waiting.index("Nilsen")
    assert "Urgent" in waiting


def test_a_provider_may_be_named(day: ClinicDay, desk: Client) -> None:
    one = day.providers[1]
    send(desk, day, q="james", patient=day.patients["james"].pk, provider=one.pk)
    assert visit_of(day.patients["james"]).provider_id == one.pk


def test_it_can_be_undone(day: ClinicDay, desk: Client) -> None:
    response = send(desk, day, q="james", patient=day.patients["james"].pk)
    page = desk.get(response["Location"]).content.decode()
    visit = visit_of(day.patients["james"])
    form = page.split(f'action="{day.path("visit-cancel", visit=visit.pk)}')[1].split("</form>")[0]
    fields = dict(re.findall(r'name="([a-z_]+)" value="([^"]*)"', form))
    assert desk.post(day.path("visit-cancel", visit=visit.pk), fields).status_code == 303
    visit.refresh_from_db()
    assert visit.status == Status.CANCELLED


def test_somebody_new_is_registered_and_added_at_once(day: ClinicDay, desk: Client) -> None:
    assert send(desk, day, q="nora lindgren", **NEW).status_code == 303
    assert visit_of(Patient.objects.get(family_name="Lindgren")).status == Status.ARRIVED


def test_a_likely_duplicate_is_shown_first_and_nothing_is_written(day: ClinicDay, desk: Client) -> None:
    maria = day.patients["maria"]
    form = NEW | {"given_name": "Maria", "family_name": "Santos", "birth_date": str(maria.birth_date)}
    response = send(desk, day, q="maria santos", **form)
    page = response.content.decode()
    assert response.status_code == 409
    assert "This person may be registered already" in page
    assert f'value="{maria.pk}"' in page
    assert Appointment.objects.filter(patient=maria, status=Status.ARRIVED).count() == 0
    assert send(desk, day, q="maria santos", confirm_duplicate="1", **form).status_code == 303


def test_without_anybody_chosen_the_search_is_made_and_the_rest_stays(day: ClinicDay, desk: Client) -> None:
    response = send(desk, day, q="james", reason="Fell off a ladder", urgent="1", type=str(day.follow_up.pk))
    page = response.content.decode()
    assert response.status_code == 200
    assert "Whitfield, James" in page
    assert 'value="Fell off a ladder"' in page
    assert 'name="urgent" value="1" checked' in page
    assert f'value="{day.follow_up.pk}" selected' in page


def test_nobody_is_added_whom_the_words_no_longer_mean(day: ClinicDay, desk: Client) -> None:
    james = day.patients["james"]
    response = send(desk, day, q="james baker", found_for="james", patient=james.pk)
    assert response.status_code == 200
    assert not Appointment.objects.filter(patient=james, status=Status.ARRIVED).exists()


def test_a_double_click_adds_once(day: ClinicDay, desk: Client) -> None:
    form = {"key": "page-0123456789-abcdef", "q": "james", "found_for": "james", "patient": day.patients["james"].pk}
    assert [desk.post(day.path("walk-in"), form).status_code for _ in range(2)] == [303, 303]
    assert visit_of(day.patients["james"]).version == 2


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        ({"birth_date": "2999-01-01"}, 400, "This date lies in the future."),
        ({"given_name": "", "family_name": ""}, 400, "A person has a given or a family name, or both."),
        ({"reason": "a" * 1001}, 400, "characters at most"),
    ],
)
def test_what_cannot_be_used_is_said_and_what_was_typed_stays(
    day: ClinicDay, desk: Client, words: dict[str, str], status: int, sentence: str
) -> None:
    response = send(desk, day, PANEL, q="nora", **(NEW | {"phone": "+12025550187"} | words))
    page = response.content.decode()
    assert response.status_code == status
    assert sentence in page
    assert 'value="+12025550187"' in page
    assert not Patient.objects.filter(given_name="Nora").exists()


def test_whoever_nobody_can_see_is_not_registered_either(day: ClinicDay, desk: Client) -> None:
    for provider in day.providers:
        TypeOverride.objects.create(appointment_type=day.consultation, provider=provider, offered=False)
    response = send(desk, day, q="nora", **NEW)
    assert response.status_code == 404
    assert 'value="Lindgren"' in response.content.decode()
    assert not Patient.objects.filter(given_name="Nora").exists()


def test_a_patient_who_is_here_already_is_not_added_twice(day: ClinicDay, desk: Client) -> None:
    aisha = day.patients["aisha"]
    response = send(desk, day, q="aisha", patient=aisha.pk)
    assert response.status_code in {303, 409}
    assert Appointment.objects.filter(patient=aisha, status=Status.IN_PROGRESS).count() == 1


def test_a_provider_adds_to_the_own_calendar_alone_and_registers_nobody(day: ClinicDay) -> None:
    doctor = client_of(day.doctor)
    james = day.patients["james"]
    assert send(doctor, day, q="james", patient=james.pk, provider=day.providers[1].pk).status_code == 404
    assert send(doctor, day, q="nora", **NEW).status_code == 403
    assert send(doctor, day, q="james", patient=james.pk).status_code == 303
    assert visit_of(james).provider_id == day.providers[0].pk


def test_nothing_of_another_clinic_can_be_named(day: ClinicDay, desk: Client) -> None:
    stranger = RegistrationFactory.create(patient__family_name="Featherington").patient
    james = day.patients["james"]
    foreign_type, foreign_provider = AppointmentTypeFactory.create(), ProviderFactory.create()
    for words in (
        {"patient": stranger.pk},
        {"patient": james.pk, "type": foreign_type.pk},
        {"patient": james.pk, "provider": foreign_provider.pk},
    ):
        response = send(desk, day, q="", **words)
        assert response.status_code == 404, words
        assert "Featherington" not in response.content.decode()
    assert not Appointment.objects.filter(patient__in=[stranger, james], status=Status.ARRIVED).exists()


def test_a_clinic_without_types_says_what_is_missing(day: ClinicDay, desk: Client) -> None:
    AppointmentType.objects.filter(clinic=day.clinic).update(active=False)
    assert "Nobody can be seen here yet" in desk.get(day.path("walk-in")).content.decode()


def make_urgent(client: Client, day: ClinicDay, visit: str, headers: Any = None, **words: Any) -> Any:
    form = {"key": f"page-{uuid.uuid4()}", "version": day.fresh(visit).version, "priority": "urgent"}
    return client.post(
        day.path("arrivals-priority", visit=day.visits[visit].pk) + "?over=arrivals", form | words, headers=headers
    )


def test_one_click_lets_somebody_come_first_and_another_in_turn(day: ClinicDay, desk: Client) -> None:
    response = make_urgent(desk, day, "arrived")
    assert response["Location"] == day.path("arrivals")
    assert day.fresh("arrived").priority == Priority.URGENT
    page = desk.get(day.path("arrivals")).content.decode()
    assert "Comes first now." in page
    assert 'value="routine"' in page
    make_urgent(desk, day, "arrived", priority="routine")
    assert day.fresh("arrived").priority == Priority.ROUTINE


def test_a_clash_over_urgency_is_shown_in_the_panel(day: ClinicDay, desk: Client) -> None:
    seen = day.fresh("arrived").version
    make_urgent(client_of(day.other_desk), day, "arrived")
    response = make_urgent(desk, day, "arrived", {"HX-Request": "true", "HX-Target": "flow"}, version=seen)
    assert response.status_code == 409
    assert response["HX-Retarget"] == "#panel"
    assert "Somebody else changed this first" in response.content.decode()


@pytest.mark.parametrize(("words", "status"), [({"priority": "soon"}, 400), ({"version": ""}, 428)])
def test_urgency_is_refused_in_words(day: ClinicDay, desk: Client, words: dict[str, str], status: int) -> None:
    assert make_urgent(desk, day, "arrived", **words).status_code == status
    assert make_urgent(desk, day, "completed").status_code == 409


def test_urgency_is_for_those_who_may(day: ClinicDay) -> None:
    assert make_urgent(client_of(day.doctor), day, "arrived").status_code == 404
