"""Every door to a patient, tried by every caller who has no business there."""

import uuid
from collections.abc import Callable
from typing import Any

from django.test import Client

from patients.models import ContactPoint, Dependant, Patient
from providers.models import Clinic, Role
from tests.factories import (
    ContactPointFactory,
    DependantFactory,
    PatientFactory,
    UserFactory,
)

from .conftest import Caller, Staff

NEWCOMER = {"given_name": "Aisha", "family_name": "Khan", "birth_date": "1990-05-17"}


def doors(patient: Patient) -> list[tuple[str, str, Any]]:
    """Every door to one patient, with a body that would be right."""
    base = f"/patients/{patient.pk}/"
    point = ContactPoint.objects.filter(patient=patient).first() or ContactPointFactory.create(patient=patient)
    child = Dependant.objects.filter(guardian=patient).first() or DependantFactory.create(guardian=patient)
    return [
        ("GET", base, None),
        ("PATCH", base, {"language": "es", "version": 1}),
        ("POST", f"{base}invite/", {}),
        ("POST", f"{base}registrations/", {"clinic": str(uuid.uuid4())}),
        ("GET", f"{base}contact-points/", None),
        ("POST", f"{base}contact-points/", {"system": "email", "value": "new@example.org"}),
        ("PATCH", f"{base}contact-points/{point.pk}/", {"rank": 3, "version": 1}),
        ("GET", f"{base}dependants/", None),
        ("POST", f"{base}dependants/", {"patient": str(patient.pk), "relationship": "child"}),
        ("DELETE", f"{base}dependants/{child.patient_id}/", None),
    ]


def test_another_clinic_finds_no_door(staff: Staff, elsewhere: Clinic, maria: Patient) -> None:
    for role in (Role.FRONT_DESK, Role.CLINIC_ADMIN):
        caller = staff(elsewhere, role=role)
        for method, path, body in doors(maria):
            assert caller(method, path, body).status == 404, (method, path)
        assert caller("GET", "/patients/").json["results"] == []
        assert caller("POST", "/patients/search/", {"q": "gonzalez"}).json["results"] == []
        assert caller("GET", f"/patients/?clinic={uuid.uuid4()}").status == 404


def test_a_provider_reads_and_does_not_write(staff: Staff, clinic: Clinic, maria: Patient) -> None:
    caller = staff(clinic, role=Role.PROVIDER)
    for method, path, body in doors(maria):
        assert caller(method, path, body).status == (200 if method == "GET" else 403), (method, path)
    assert caller("GET", "/patients/").status == 200
    assert caller("POST", "/patients/", NEWCOMER).status == 403


def test_a_desk_elsewhere_who_is_a_provider_here_does_not_write_here(
    staff: Staff, clinic: Clinic, elsewhere: Clinic, maria: Patient
) -> None:
    user = UserFactory.create()
    staff(clinic, role=Role.PROVIDER, user=user)
    caller = staff(elsewhere, user=user)
    for method, path, body in doors(maria):
        assert caller(method, path, body).status == (200 if method == "GET" else 403), (method, path)
    assert caller("POST", "/patients/", NEWCOMER | {"clinic": str(clinic.pk)}).status == 403


def test_patients_and_strangers_have_no_business_at_the_desk(
    bearer: Callable[..., Caller], clinic: Clinic, maria: Patient
) -> None:
    callers = {403: bearer(maria), 401: Caller(Client())}
    for status, caller in callers.items():
        for method, path, body in [*doors(maria), ("GET", "/patients/", None), ("POST", "/patients/", NEWCOMER)]:
            assert caller(method, path, body).status == status, (method, path)


def test_a_superuser_sees_all(staff: Staff, maria: Patient) -> None:
    caller = staff(user=UserFactory.create(is_superuser=True))
    assert caller("GET", f"/patients/{maria.pk}/").status == 200
    assert len(caller("POST", "/patients/search/", {"q": "h-1001"}).json["results"]) == 1
    assert "clinic" in caller("POST", "/patients/", NEWCOMER).json["errors"]


def test_what_is_no_identifier_is_not_there(staff: Staff, clinic: Clinic) -> None:
    desk = staff(clinic)
    assert desk("GET", "/patients/1/").status == 404
    assert desk("GET", f"/patients/{PatientFactory.create().pk}/").status == 404
    assert desk("DELETE", "/patients/").code == "method-not-allowed"
