"""A patient's account from the desk's invitation to a program that acts for the patient, over pages, facts and messages."""

import base64
import hashlib
import re
import secrets
from datetime import date
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from mediconnect.accounts.models import User
from mediconnect.accounts.services.clients import register_client
from mediconnect.outbox.services.relaying import relay
from mediconnect.portal.principals import by_token
from notifications.models import Message
from patients.accounts import invite
from patients.models import Patient
from tests.factories import PASSWORD, ContactPointFactory, PatientFactory

pytestmark = pytest.mark.django_db

HOME = "https://app.example.org/back"
NEW_PASSWORD = "quiet-meadow-orchard"


@pytest.fixture
def alice() -> Patient:
    """Return a patient whom the desk knows by birth date and e-mail address."""
    patient = PatientFactory.create(birth_date=date(1987, 3, 14))
    ContactPointFactory.create(patient=patient, system="email", value="alice.carter@example.org")
    return patient


def newest(kind: str) -> str:
    """Let the facts be heard and return the body of the newest message of this kind."""
    relay()
    return Message.objects.filter(kind=kind).latest("created_at").body


def link_in(body: str) -> str:
    """Return the path of the link in a message."""
    link = re.search(r"http\S+", body)
    assert link is not None
    return urlsplit(link[0]).path


def code_in(body: str) -> str:
    """Return the six digits in a message."""
    code = re.search(r"\b\d{6}\b", body)
    assert code is not None
    return code[0]


def open_account(patient: Patient, browser: Client) -> None:
    """Go the whole way from the desk to a signed-in browser."""
    invite(patient_id=patient.pk, by=None)
    browser.get(link_in(newest("invitation")), follow=True)
    browser.post("/accounts/claim/", {"birth_date": "1987-03-14", "contact": "email"})
    browser.post("/accounts/claim/code/", {"code": code_in(newest("account_code"))})
    values = {"email": "alice.carter@example.org", "new": PASSWORD, "again": PASSWORD}
    assert browser.post("/accounts/claim/account/", values).status_code == 200


def test_from_the_desk_to_a_program_that_acts_for_the_patient(alice: Patient, client: Client) -> None:
    open_account(alice, client)
    alice.refresh_from_db()
    assert alice.user is not None
    register_client(name="Pocket Clinic", client_id="pocket", redirect_uris=[HOME])
    verifier = secrets.token_urlsafe(48)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    wish = {
        "client_id": "pocket",
        "response_type": "code",
        "redirect_uri": HOME,
        "scope": "appointments:read appointments:write",
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    assert client.get("/o/authorize/", wish).status_code == 200
    back = client.post("/o/authorize/", wish | {"allow": "Allow"})["Location"]
    exchange = {
        "grant_type": "authorization_code",
        "client_id": "pocket",
        "code": parse_qs(urlsplit(back).query)["code"][0],
        "redirect_uri": HOME,
        "code_verifier": verifier,
    }
    token = Client().post("/o/token/", exchange).json()["access_token"]
    principal = by_token(hashlib.sha256(token.encode()).hexdigest())
    assert principal is not None
    assert principal.patient_ids == (alice.pk,)


def test_a_forgotten_password_is_replaced_and_the_owner_is_told(alice: Patient, client: Client) -> None:
    open_account(alice, client)
    elsewhere = Client()
    elsewhere.post("/accounts/reset/", {"email": "alice.carter@example.org"})
    elsewhere.get(link_in(newest("password_reset")), follow=True)
    assert elsewhere.post("/accounts/reset/new/", {"new": NEW_PASSWORD, "again": NEW_PASSWORD}).status_code == 200
    assert newest("password_changed")
    assert client.get("/accounts/sessions/").status_code == 302
    values = {"email": "alice.carter@example.org", "password": NEW_PASSWORD}
    assert elsewhere.post("/accounts/sign-in/", values).status_code == 302


def test_whoever_found_the_letter_but_not_the_person_gets_nowhere(alice: Patient, client: Client) -> None:
    invite(patient_id=alice.pk, by=None)
    client.get(link_in(newest("invitation")), follow=True)
    client.post("/accounts/claim/", {"birth_date": "1990-01-01", "contact": "email"})
    relay()
    assert not Message.objects.filter(kind="account_code").exists()
    assert client.post("/accounts/claim/code/", {"code": "123456"}).status_code == 422
    assert not User.objects.exists()
