"""The OAuth 2 server, end to end through the toolkit's real views: what it grants and all that it refuses."""

import base64
import hashlib
import json
import secrets
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.utils import timezone
from oauth2_provider.models import AccessToken, Application, Grant, RefreshToken

from mediconnect.accounts.models import User
from mediconnect.accounts.oauth import ACCESS_TOKEN_SECONDS
from mediconnect.accounts.services.clients import register_client, register_system
from mediconnect.accounts.services.endings import deactivate_user, end_everything
from mediconnect.portal.principals import by_token
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

HOME = "https://app.example.org/back"
VERIFIER = secrets.token_urlsafe(48)
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


@pytest.fixture
def application() -> Application:
    return register_client(name="Pocket Clinic", client_id="pocket", redirect_uris=[HOME])


@pytest.fixture
def patient() -> User:
    return UserFactory.create()


@pytest.fixture
def browser(patient: User) -> Client:
    client = Client()
    client.force_login(patient)
    return client


def asked(**changes: str | None) -> dict[str, str]:
    wish = {
        "client_id": "pocket",
        "response_type": "code",
        "redirect_uri": HOME,
        "scope": "appointments:read appointments:write",
        "state": "xyz",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    } | changes
    return {name: value for name, value in wish.items() if value is not None}


def answer(response: Any) -> dict[str, str]:
    """Return what a redirect to the client says."""
    assert response.status_code == 302, response.content
    assert response["Location"].startswith(HOME)
    return {name: values[0] for name, values in parse_qs(urlsplit(response["Location"]).query).items()}


def code_of(browser: Client, **changes: str) -> str:
    return answer(browser.post("/o/authorize/", asked(**changes) | {"allow": "Allow"}))["code"]


def exchange(code: str, **changes: str | None) -> Any:
    wish = {
        "grant_type": "authorization_code",
        "client_id": "pocket",
        "code": code,
        "redirect_uri": HOME,
        "code_verifier": VERIFIER,
    } | changes
    return Client().post("/o/token/", {name: value for name, value in wish.items() if value is not None})


def refresh(token: str) -> Any:
    wish = {"grant_type": "refresh_token", "client_id": "pocket", "refresh_token": token}
    return Client().post("/o/token/", wish)


def checksum(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


@pytest.mark.usefixtures("application")
def test_from_consent_to_token(browser: Client, patient: User) -> None:
    page = browser.get("/o/authorize/", asked())
    assert page.status_code == 200
    assert "Book, move and cancel appointments for you" in page.content.decode()
    assert "https://app.example.org" in page["Content-Security-Policy"]
    said = answer(browser.post("/o/authorize/", asked() | {"allow": "Allow"}))
    assert said["state"] == "xyz"
    assert said["iss"].endswith("/o")
    tokens = exchange(said["code"]).json()
    assert tokens["expires_in"] == ACCESS_TOKEN_SECONDS == 900
    principal = by_token(checksum(tokens["access_token"]))
    assert principal is not None
    assert (principal.user_id, principal.kind) == (patient.pk, "patient")
    assert principal.scopes == {"appointments:read", "appointments:write"}


@pytest.mark.usefixtures("application")
def test_a_visitor_signs_in_first() -> None:
    response = Client().get("/o/authorize/", asked())
    assert response["Location"].startswith("/accounts/sign-in/?next=/o/authorize/")


@pytest.mark.usefixtures("application")
def test_refusing_consent_grants_nothing(browser: Client) -> None:
    assert answer(browser.post("/o/authorize/", asked()))["error"] == "access_denied"
    assert not Grant.objects.exists()


@pytest.mark.usefixtures("application")
def test_consent_needs_the_csrf_token_and_programs_need_none(patient: User) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(patient)
    assert strict.post("/o/authorize/", asked() | {"allow": "Allow"}).status_code == 403
    assert strict.post("/o/token/", {"grant_type": "authorization_code", "client_id": "pocket"}).status_code == 400


@pytest.mark.usefixtures("application")
def test_tokens_are_kept_as_hashes_only(browser: Client) -> None:
    tokens = exchange(code_of(browser)).json()
    kept = json.dumps([*AccessToken.objects.values(), *RefreshToken.objects.values()], default=str)
    assert tokens["access_token"] not in kept
    assert tokens["refresh_token"] not in kept


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize(
    "changes",
    [
        {"code_challenge": None, "code_challenge_method": None},
        {"code_challenge": VERIFIER, "code_challenge_method": "plain"},
        {"code_challenge_method": None},
        {"response_type": "token"},
        {"scope": "system/*.read"},
        {"scope": "appointments:read everything"},
    ],
    ids=["no challenge", "plain", "challenge without method", "implicit", "a system's scope", "unknown scope"],
)
def test_what_the_authorization_refuses(browser: Client, changes: dict[str, str | None]) -> None:
    response = browser.get("/o/authorize/", asked(**changes))
    assert response.status_code in (302, 400)
    if response.status_code == 302:
        assert "error=" in response["Location"]
        assert "access_token" not in response["Location"]
    response = browser.post("/o/authorize/", asked(**changes) | {"allow": "Allow"})
    assert "code=" not in response.get("Location", "").replace("error_code", "")
    assert "access_token" not in response.get("Location", "")
    assert not Grant.objects.exists()


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize(
    "elsewhere", ["https://app.example.org/back/", "https://evil.example/", HOME + "?a=1", "javascript:a"]
)
def test_only_the_registered_address_is_sent_to(browser: Client, elsewhere: str) -> None:
    response = browser.get("/o/authorize/", asked(redirect_uri=elsewhere))
    assert response.status_code == 400
    assert "Location" not in response


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("verifier", [None, "a" * 50, CHALLENGE], ids=["none", "another", "the challenge itself"])
def test_a_code_without_its_verifier_is_worth_nothing(browser: Client, verifier: str | None) -> None:
    assert exchange(code_of(browser), code_verifier=verifier).status_code == 400
    assert not AccessToken.objects.exists()


@pytest.mark.usefixtures("application")
def test_a_code_works_once(browser: Client) -> None:
    code = code_of(browser)
    assert exchange(code).status_code == 200
    assert exchange(code).status_code == 400


@pytest.mark.usefixtures("application")
def test_a_code_ends_after_a_minute(browser: Client) -> None:
    code = code_of(browser)
    left = Grant.objects.get().expires - timezone.now()
    assert left <= timedelta(seconds=60)
    Grant.objects.update(expires=timezone.now())
    assert exchange(code).status_code == 400


@pytest.mark.usefixtures("application")
def test_the_password_grant_is_off(patient: User) -> None:
    Application.objects.update(authorization_grant_type=Application.GRANT_PASSWORD)
    wish = {"grant_type": "password", "client_id": "pocket", "username": patient.email, "password": "x"}
    assert Client().post("/o/token/", wish).status_code == 400


@pytest.mark.usefixtures("application")
def test_refreshing_rotates_and_replay_ends_the_family(browser: Client) -> None:
    first = exchange(code_of(browser)).json()
    second = refresh(first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    assert by_token(checksum(first["access_token"])) is None
    assert by_token(checksum(second["access_token"])) is not None
    assert refresh(first["refresh_token"]).status_code == 400
    assert by_token(checksum(second["access_token"])) is None
    assert refresh(second["refresh_token"]).status_code == 400


@pytest.mark.usefixtures("application")
def test_a_refresh_token_lives_twelve_hours(browser: Client) -> None:
    tokens = exchange(code_of(browser)).json()
    issued = timezone.now() - timedelta(hours=12, seconds=1)
    AccessToken.objects.update(expires=issued + timedelta(seconds=ACCESS_TOKEN_SECONDS))
    assert refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.usefixtures("application")
def test_revoking_ends_both(browser: Client) -> None:
    tokens = exchange(code_of(browser)).json()
    revoked = Client().post("/o/revoke_token/", {"client_id": "pocket", "token": tokens["access_token"]})
    assert revoked.status_code == 200
    assert by_token(checksum(tokens["access_token"])) is None
    assert refresh(tokens["refresh_token"]).status_code == 400


@pytest.mark.usefixtures("application")
@pytest.mark.parametrize("end", [deactivate_user, end_everything])
def test_deactivation_and_password_change_end_tokens_and_pending_codes(
    browser: Client, patient: User, end: Any
) -> None:
    pending = code_of(browser)
    tokens = exchange(code_of(browser)).json()
    end(user_id=patient.pk)
    assert by_token(checksum(tokens["access_token"])) is None
    assert refresh(tokens["refresh_token"]).status_code == 400
    assert exchange(pending).status_code == 400


@pytest.mark.usefixtures("application")
def test_a_disabled_user_has_no_tokens_whatever_door_disabled_it(browser: Client, patient: User) -> None:
    pending = code_of(browser)
    tokens = exchange(code_of(browser)).json()
    User.objects.filter(pk=patient.pk).update(is_active=False)
    assert by_token(checksum(tokens["access_token"])) is None
    assert refresh(tokens["refresh_token"]).status_code == 400
    assert exchange(pending).status_code == 400


def test_a_system_gets_system_scopes_only() -> None:
    _, secret = register_system(name="Hospital", client_id="hospital")
    credentials = {"grant_type": "client_credentials", "client_id": "hospital", "client_secret": secret}
    tokens = Client().post("/o/token/", credentials | {"scope": "system/*.read"}).json()
    principal = by_token(checksum(tokens["access_token"]))
    assert principal is not None
    assert (principal.kind, principal.user_id, principal.key) == ("system", None, "client:hospital")
    assert Client().post("/o/token/", credentials | {"scope": "appointments:read"}).status_code == 400
    assert Client().post("/o/token/", credentials | {"client_secret": "guess"}).status_code == 401
    assert secret not in Application.objects.get().client_secret


@pytest.mark.parametrize(
    "path",
    [
        "applications/",
        "authorized_tokens/",
        "introspect/",
        "device/",
        "device-authorization/",
        "register/",
        "userinfo/",
        "logout/",
        ".well-known/openid-configuration",
        ".well-known/jwks.json",
    ],
)
def test_nothing_else_of_the_toolkit_is_served(browser: Client, path: str) -> None:
    assert browser.get(f"/o/{path}").status_code == 404
    assert browser.post(f"/o/{path}").status_code == 404
