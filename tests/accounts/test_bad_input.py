"""Nonsense at every door of accounts: refused in words, never an error of ours."""

import itertools
from typing import Final

import pytest
from django.test import Client

from mediconnect.accounts.models import User
from mediconnect.accounts.services import invitations
from mediconnect.accounts.services.clients import register_client
from tests.accounts.subjects import ALICE
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

NONSENSE: Final = [
    "",
    "\x00",
    "a\x00b",
    "😀" * 50,
    "\u202eright to left",
    "x" * 5000,
    "' OR 1=1 --",
    "../../etc/passwd",
    "٣",
]

PAGES: Final = [
    "sign-in/",
    "second-factor/",
    "second-factor/enrol/",
    "password/",
    "reset/",
    "reset/new/",
    "claim/",
    "claim/code/",
    "claim/account/",
    "claim/e-mail/",
    "claim/attach/",
    "sessions/",
    "sessions/end-others/",
    "sign-out/",
]
FIELDS: Final = ["email", "password", "new", "again", "current", "code", "birth_date", "contact", "next"]


@pytest.fixture
def visitor() -> Client:
    """Return a browser on which an invitation was opened."""
    client = Client()
    invitation = invitations.invite(subject_id=ALICE)
    link = invitations.mint_invitation(invitation_id=invitation.pk)
    assert link is not None
    client.get(link.path)
    return client


@pytest.fixture
def member() -> Client:
    client = Client()
    client.force_login(UserFactory.create())
    return client


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("who", ["visitor", "member"])
def test_forms_take_nonsense_calmly(page: str, who: str, request: pytest.FixtureRequest) -> None:
    client: Client = request.getfixturevalue(who)
    users = User.objects.count()
    for value in NONSENSE:
        assert client.post(f"/accounts/{page}", dict.fromkeys(FIELDS, value)).status_code < 500, value
        assert client.get(f"/accounts/{page}", dict.fromkeys(FIELDS, value)).status_code < 500, value
    assert User.objects.count() == users


@pytest.mark.parametrize("path", ["reset/{}/", "invitation/{}/", "sessions/{}/end/"])
def test_addresses_take_nonsense_calmly(member: Client, path: str) -> None:
    for value, method in itertools.product(NONSENSE, ("get", "post")):
        response = getattr(member, method)("/accounts/" + path.format(value or "empty"))
        assert response.status_code in (404, 405), value


@pytest.mark.parametrize("path", ["authorize/", "token/", "revoke_token/"])
def test_the_authorization_server_takes_nonsense_calmly(member: Client, path: str) -> None:
    register_client(name="Pocket", client_id="pocket", redirect_uris=["https://app.example.org/back"])
    good = {
        "client_id": "pocket",
        "response_type": "code",
        "redirect_uri": "https://app.example.org/back",
        "scope": "appointments:read",
        "code_challenge": "a" * 43,
        "code_challenge_method": "S256",
        "grant_type": "authorization_code",
        "code": "x",
        "code_verifier": "y" * 43,
        "refresh_token": "z",
        "token": "t",
        "state": "s",
        "username": "u",
        "password": "p",
        "resource": "https://api.example.org",
        "allow": "Allow",
    }
    kinds = ("authorization_code", "refresh_token", "client_credentials", "password") if path == "token/" else ("",)
    for field, value in itertools.product([*good, "nonce", "claims", "prompt", "ui_locales"], NONSENSE):
        for kind in kinds:
            values = {**good, "grant_type": kind, field: value}
            assert member.post(f"/o/{path}", values).status_code < 500, (field, value, kind)
        assert member.get(f"/o/{path}", {**good, field: value}).status_code < 500, (field, value)


@pytest.mark.parametrize("path", ["/o/token/", "/o/authorize/", "/accounts/sign-in/"])
@pytest.mark.parametrize("media_type", ["application/json", "text/plain", "multipart/form-data", "image/png"])
def test_bodies_of_other_kinds_are_refused(client: Client, path: str, media_type: str) -> None:
    for body in (b"", b"{", b"\x00\xff", b"a=" + b"x" * 1_100_000):
        assert client.post(path, body, content_type=media_type).status_code < 500


@pytest.mark.parametrize(
    "header", ["Basic", "Basic !!!", "Basic AAA=", "Basic " + "Og==", "Basic AP8AOmE=", "Basic AGE6YQ=="]
)
def test_bad_client_credentials_are_refused(client: Client, header: str) -> None:
    answer = client.post("/o/token/", {"grant_type": "client_credentials"}, headers={"authorization": header})
    assert answer.status_code in (400, 401)
