"""Who may see and do what: the desk all of its clinic, a provider the own calendar, everybody else nothing."""

from typing import Any

import pytest
from django.test import Client

from appointments.models import Appointment
from providers.models import Role
from tests.factories import AppointmentFactory, ClinicFactory, MembershipFactory, UserFactory

from .conftest import HTMX, Place, open_provider, signed_in, text_of

DOORS = ["visit", "visit-step", "visit-undo", "visit-move", "visit-check", "visit-cancel", "visit-notes"]
FORMS = {
    "visit-step": {"step": "arrive"},
    "visit-undo": {},
    "visit-move": {"start": "2030-01-01T09:00"},
    "visit-cancel": {"reason": "clinic_error"},
    "visit-notes": {"reason": "Cough"},
}


@pytest.fixture
def doctor(place: Place) -> Any:
    """A provider who works here and at no desk."""
    user = UserFactory.create(display_name="Dr. Ines Alba")
    MembershipFactory.create(user=user, clinic=place.clinic, role=Role.PROVIDER)
    return open_provider(place.clinic, "Dr. Alba", user=user)


@pytest.mark.parametrize("name", DOORS)
def test_another_clinics_visit_is_nothing(place: Place, name: str) -> None:
    theirs = AppointmentFactory.create(clinic=ClinicFactory.create(name="Other Clinic"))
    for answer in (place.get(theirs, name), place.post(theirs, name, FORMS.get(name))):
        assert (
            answer.status_code == 404
            or (answer.status_code, name) in {(405, "visit"), (405, "visit-check")}
            or (answer.status_code == 302 and name in {"visit-step", "visit-undo", "visit-notes"})
        )
        assert "Other Clinic" not in text_of(answer)
        assert theirs.patient.family_name not in text_of(answer)
    assert Appointment.objects.get(pk=theirs.pk).version == 1


@pytest.mark.parametrize("name", DOORS)
def test_a_colleagues_visit_is_nothing_to_a_provider(place: Place, doctor: Any, name: str) -> None:
    visit = place.visit()
    client = signed_in(doctor.user)
    answer = (
        place.post(visit, name, FORMS.get(name), client=client)
        if name in FORMS
        else client.get(place.path(visit, name))
    )
    assert answer.status_code == 404


def test_a_provider_acts_in_the_own_calendar_and_sends_nobody_to_anothers(place: Place, doctor: Any) -> None:
    visit = place.visit(place.at(9), provider=doctor)
    client = signed_in(doctor.user)
    own = {"start": f"{place.at(10):%Y-%m-%dT%H:%M}"}
    assert place.post(visit, "visit-move", own, client=client).status_code == 303
    away = own | {"provider": str(place.reyes.pk)}
    assert place.post(visit, "visit-move", away, client=client).status_code == 403
    assert Appointment.objects.get(pk=visit.pk).provider_id == doctor.pk
    form = client.get(place.path(visit, "visit-move"), headers=HTMX).context["form"]
    assert [name for _id, name in form.providers] == ["Dr. Alba"]
    query = {"start": own["start"], "provider": str(place.reyes.pk)}
    found = client.get(place.path(visit, "visit-check"), query, headers={"Accept": "application/json"}).json()
    assert found["verdict"] == "refused"


def test_a_provider_of_another_clinic_takes_no_visit_of_ours(place: Place) -> None:
    elsewhere = open_provider(ClinicFactory.create(name="Other Clinic"), "Dr. Faraway")
    visit = place.visit(place.at(9))
    fields = {"start": f"{place.at(10):%Y-%m-%dT%H:%M}", "provider": str(elsewhere.pk)}
    answer = place.post(visit, "visit-move", fields)
    assert answer.status_code == 404
    assert "Faraway" not in text_of(answer)
    found = place.get(visit, "visit-check", fields, headers={"Accept": "application/json"})
    assert "Faraway" not in found.content.decode()


def test_a_desk_of_two_clinics_finds_a_visit_under_its_own_clinic_alone(place: Place) -> None:
    second = ClinicFactory.create(name="Second Clinic")
    MembershipFactory.create(user=place.desk, clinic=second, role=Role.FRONT_DESK)
    visit = place.visit()
    address = place.path(visit).replace(str(place.clinic.pk), str(second.pk))
    assert place.client.get(address).status_code == 404


@pytest.mark.parametrize("name", DOORS)
def test_a_stranger_is_asked_to_sign_in(place: Place, name: str) -> None:
    visit = place.visit()
    assert Client().get(place.path(visit, name)).status_code == 302
    if name in FORMS:
        assert place.post(visit, name, FORMS[name], client=Client()).status_code == 401
