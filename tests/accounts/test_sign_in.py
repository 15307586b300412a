"""Signing in by page: who gets in, who is refused, and that refusals tell nobody anything."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from django.conf import settings
from django.db import connection
from django.shortcuts import resolve_url
from django.test import Client

from mediconnect.accounts.errors import SignInRefused, TooManyAttempts
from mediconnect.accounts.models import Session, SignInAttempts
from mediconnect.accounts.services.attempts import count_sign_in, forgive_sign_in
from mediconnect.accounts.services.sign_in import check_password
from tests.factories import PASSWORD, UserFactory

# Where a sign-in leads that was on its way to nowhere else.
START = resolve_url(settings.LOGIN_REDIRECT_URL)
SIGN_IN = "/accounts/sign-in/"


@pytest.mark.django_db
def test_the_right_password_opens_a_session(client: Client) -> None:
    user = UserFactory.create()
    response = client.post(SIGN_IN, {"email": user.email.upper(), "password": PASSWORD, "next": "/accounts/sessions/"})
    assert (response.status_code, response["Location"]) == (302, "/accounts/sessions/")
    assert client.get("/accounts/sessions/").status_code == 200


@pytest.mark.django_db
def test_unknown_wrong_disabled_and_unverified_are_refused_alike(client: Client) -> None:
    known = UserFactory.create()
    disabled = UserFactory.create(is_active=False)
    unverified = UserFactory.create(email_verified_at=None)
    cases = [
        (known.email, "wrong-password"),
        ("nobody@example.org", PASSWORD),
        (disabled.email, PASSWORD),
        (unverified.email, PASSWORD),
    ]
    answers = []
    for email, password in cases:
        response = Client().post(SIGN_IN, {"email": email, "password": password})
        body = response.content.decode().replace(email, "…")
        answers.append((response.status_code, without_token(body)))
    assert len(set(answers)) == 1
    assert answers[0][0] == 401


def without_token(body: str) -> str:
    return "\n".join(line for line in body.splitlines() if "csrfmiddlewaretoken" not in line)


@pytest.mark.django_db
def test_an_unknown_address_costs_a_hash_as_well(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[str] = []
    monkeypatch.setattr("mediconnect.accounts.services.sign_in.make_password", made.append)
    with pytest.raises(SignInRefused):
        check_password(email="nobody@example.org", password="guess", address="192.0.2.1")
    assert made == ["guess"]


@pytest.mark.django_db
def test_the_way_on_stays_in_the_house(client: Client) -> None:
    user = UserFactory.create()
    for elsewhere in ("https://evil.example/", "//evil.example/", "javascript:alert(1)"):
        response = client.post(SIGN_IN, {"email": user.email, "password": PASSWORD, "next": elsewhere})
        assert response["Location"] == START


@pytest.mark.django_db
def test_the_session_from_before_is_dead_after_signing_in(client: Client) -> None:
    user = UserFactory.create()
    other = UserFactory.create()
    client.force_login(other)
    before = client.cookies["session"].value
    client.post(SIGN_IN, {"email": user.email, "password": PASSWORD})
    assert client.cookies["session"].value != before
    stolen = Client()
    stolen.cookies["session"] = before
    assert stolen.get("/accounts/sessions/").status_code == 302


@pytest.mark.django_db
def test_sign_in_needs_the_csrf_token() -> None:
    user = UserFactory.create()
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(SIGN_IN, {"email": user.email, "password": PASSWORD}).status_code == 403


@pytest.mark.django_db
def test_guessing_is_slowed_down_for_known_and_unknown_alike(client: Client) -> None:
    known = UserFactory.create().email
    for email in (known, "nobody@example.org"):
        statuses = [client.post(SIGN_IN, {"email": email, "password": "guess"}).status_code for _ in range(7)]
        assert statuses == [401, 401, 401, 401, 401, 429, 429]
    refused = client.post(SIGN_IN, {"email": known, "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1


@pytest.mark.django_db
def test_the_wait_ends_and_a_success_forgives() -> None:
    for _ in range(5):
        count_sign_in(email="robin@example.org", address="192.0.2.1")
    with pytest.raises(TooManyAttempts) as refusal:
        count_sign_in(email="robin@example.org", address="192.0.2.1")
    assert refusal.value.retry_after == 1
    # Another network address is its own pair and not held up by this one.
    count_sign_in(email="robin@example.org", address="198.51.100.7")
    forgive_sign_in(email="Robin@Example.org ", address="192.0.2.1")
    count_sign_in(email="robin@example.org", address="192.0.2.1")


@pytest.mark.django_db
def test_no_minute_holds_more_than_ten_tries_of_a_pair() -> None:
    admitted = 0
    for _ in range(30):
        with suppress(TooManyAttempts):
            count_sign_in(email="robin@example.org", address="192.0.2.1")
            admitted += 1
            forgive_sign_in(email="robin@example.org", address="192.0.2.1")
    assert admitted == 10


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_are_counted_exactly() -> None:
    """Forty at once: four are free, the fifth starts the wait, the rest find it."""
    start = threading.Barrier(20)

    def guess(_: int) -> bool:
        start.wait()
        try:
            count_sign_in(email="robin@example.org", address="192.0.2.1")
        except TooManyAttempts:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(20) as pool:
        assert sum(pool.map(guess, range(20))) == 5


@pytest.mark.django_db
def test_names_of_accounts_are_not_kept_with_the_counts() -> None:
    count_sign_in(email="robin@example.org", address="192.0.2.1")
    assert all("robin" not in key and len(key) == 64 for key in SignInAttempts.objects.values_list("pk", flat=True))


@pytest.mark.django_db
def test_pages_are_private_and_strict(client: Client) -> None:
    response = client.get(SIGN_IN)
    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in response["Content-Security-Policy"]
    assert b"style=" not in response.content
    scripts = re.findall(rb"<script([^>]*)>([^<]*)</script>", response.content)
    assert all(b"src=" in head and not body for head, body in scripts)


@pytest.mark.django_db
@pytest.mark.parametrize("bad", ["\x00", "x" * 300, "😀", "a@b", ""])
def test_nonsense_is_a_page_that_says_so(client: Client, bad: str) -> None:
    assert client.post(SIGN_IN, {"email": bad, "password": bad}).status_code == 400


@pytest.mark.django_db
def test_no_session_row_is_made_by_looking(client: Client) -> None:
    client.get(SIGN_IN)
    assert not Session.objects.exists()
