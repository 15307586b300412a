"""A desk and a bearer: the two ways in which patients' records are reached over HTTP."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from mediconnect.accounts.models import User
from mediconnect.accounts.oauth import PATIENT_SCOPES
from mediconnect.accounts.services.tokens import issue_token
from patients.models import Patient, Registration
from providers.models import Clinic, Role
from tests.factories import ClinicFactory, MembershipFactory, PatientFactory, RegistrationFactory, UserFactory


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """Hash quickly: what is tested here is never the strength of a hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@dataclass
class Caller:
    """Somebody who calls the API; every answer is checked to be JSON."""

    client: Client
    headers: dict[str, str] = field(default_factory=dict)

    def __call__(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None
    ) -> "Answered":
        data = b"" if body is None else json.dumps(body).encode()
        response = self.client.generic(
            method, f"/api/v1{path}", data, content_type="application/json", headers=self.headers | (headers or {})
        )
        return Answered(response)


class Answered:
    """An answer, with its JSON read."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.text = response.content.decode()
        self.json: Any = json.loads(self.text) if self.text else None

    @property
    def code(self) -> str:
        assert self.headers["Content-Type"] == "application/problem+json", self.text
        return str(self.json["code"])


Staff = Callable[..., Caller]


@pytest.fixture
def staff(db: None) -> Staff:
    """Return a maker of callers who work at these clinics in a role."""

    def make(*clinics: Clinic, role: str = Role.FRONT_DESK, user: User | None = None) -> Caller:
        user = user or UserFactory.create()
        for clinic in clinics:
            MembershipFactory.create(user=user, clinic=clinic, role=role)
        client = Client()
        client.force_login(user)
        return Caller(client)

    return make


@pytest.fixture
def bearer(db: None) -> Callable[..., Caller]:
    """Return a maker of callers who hold a token of this patient."""

    def make(patient: Patient, *scopes: str) -> Caller:
        if patient.user is None:
            patient.user = UserFactory.create()
            patient.save(update_fields=["user"])
        token = issue_token(
            email=patient.user.email, scopes=list(scopes or PATIENT_SCOPES), seconds=600, issued_by="test"
        )
        return Caller(Client(), {"authorization": f"Bearer {token}"})

    return make


@pytest.fixture
def clinic(db: None) -> Clinic:
    return ClinicFactory.create(name="Harbour Clinic")


@pytest.fixture
def elsewhere(db: None) -> Clinic:
    return ClinicFactory.create(name="Hill Clinic")


@pytest.fixture
def maria(clinic: Clinic) -> Patient:
    """Maria Gonzalez, a patient of the Harbour Clinic."""
    patient = PatientFactory.create(
        given_name="Maria", family_name="Gonzalez", birth_date="1980-02-29", notes="needs a ramp"
    )
    RegistrationFactory.create(patient=patient, clinic=clinic, record_number="H-1001")
    patient.refresh_from_db()
    return patient


def number_of(patient: Patient, clinic: Clinic) -> str:
    return Registration.objects.get(patient=patient, clinic=clinic).record_number
