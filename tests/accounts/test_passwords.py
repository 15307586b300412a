"""Forgotten passwords: one answer for everybody, one use for each link."""

import re
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mediconnect.accounts.errors import LinkInvalid, PasswordUnfit
from mediconnect.accounts.models import PasswordReset, User
from mediconnect.accounts.services.passwords import find_reset, mint_password_reset, request_reset, reset_password
from mediconnect.outbox.models import Fact
from tests.factories import PASSWORD, UserFactory

NEW = "quiet-meadow-orchard"


def link_for(user: User) -> str:
    """Return the token of the mail that a reset sends."""
    request_reset(email=user.email, address="192.0.2.1")
    mail = mint_password_reset(reset_id=PasswordReset.objects.latest("created_at").pk)
    assert mail is not None
    assert mail.recipient == user.email
    return mail.path.rstrip("/").rsplit("/", 1)[-1]


def without_token(body: bytes) -> str:
    return re.sub(r'value="[A-Za-z0-9]{64}"', "", body.decode())


@pytest.mark.django_db
def test_known_unknown_and_disabled_addresses_get_the_same_answer_at_the_same_cost() -> None:
    known, disabled = UserFactory.create(), UserFactory.create(is_active=False)
    answers = set()
    for email in (known.email, disabled.email, "nobody@example.org"):
        with CaptureQueriesContext(connection) as statements:
            response = Client().post("/accounts/reset/", {"email": email})
        shapes = tuple(re.sub(r"'[^']*'|\d+|NULL", "?", query["sql"])[:60] for query in statements)
        answers.add((response.status_code, without_token(response.content), shapes))
    assert len(answers) == 1
    assert Fact.objects.filter(name="accounts.PasswordResetRequested").count() == 3


@pytest.mark.django_db
def test_only_a_known_address_is_written_to() -> None:
    request_reset(email="nobody@example.org", address="192.0.2.1")
    assert mint_password_reset(reset_id=PasswordReset.objects.get().pk) is None


@pytest.mark.django_db
def test_neither_fact_nor_row_holds_what_would_open_the_door() -> None:
    user = UserFactory.create()
    token = link_for(user)
    kept = str(list(PasswordReset.objects.values())) + str(list(Fact.objects.values()))
    assert token not in kept
    assert user.email not in kept


@pytest.mark.django_db
def test_the_link_sets_a_password_once_and_signs_out_everywhere(client: Client) -> None:
    user = UserFactory.create()
    signed_in = Client()
    signed_in.post("/accounts/sign-in/", {"email": user.email, "password": PASSWORD})
    token = link_for(user)
    response = client.get(f"/accounts/reset/{token}/")
    assert response["Location"] == "/accounts/reset/new/"
    assert client.post("/accounts/reset/new/", {"new": NEW, "again": NEW}).status_code == 200
    assert signed_in.get("/accounts/sessions/").status_code == 302
    assert User.objects.get(pk=user.pk).check_password(NEW)
    assert client.get(f"/accounts/reset/{token}/").status_code == 404
    assert client.post("/accounts/reset/new/", {"new": NEW, "again": NEW}).status_code == 404


@pytest.mark.django_db
def test_a_weak_password_leaves_the_link_usable() -> None:
    token = link_for(UserFactory.create())
    with pytest.raises(PasswordUnfit):
        reset_password(token=token, new="password")
    reset_password(token=token, new=NEW)


@pytest.mark.django_db
def test_a_link_ends_after_an_hour_and_with_its_successor() -> None:
    user = UserFactory.create()
    first, second = link_for(user), link_for(user)
    reset_password(token=second, new=NEW)
    with pytest.raises(LinkInvalid):
        find_reset(token=first)
    third = link_for(user)
    PasswordReset.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(LinkInvalid):
        reset_password(token=third, new=NEW)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "forged",
    ["", "x", "a.b", "\x00", signing.Signer(salt="accounts.invitation", sep=".").sign("a" * 43)],
)
def test_what_we_never_signed_for_this_is_refused(forged: str) -> None:
    link_for(UserFactory.create())
    with pytest.raises(LinkInvalid):
        find_reset(token=forged)


@pytest.mark.django_db
def test_asking_too_often_is_slowed_down(client: Client) -> None:
    answers = [client.post("/accounts/reset/", {"email": "nobody@example.org"}).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_fifty_parallel_uses_of_one_link_one_wins() -> None:
    user = UserFactory.create()
    token = link_for(user)
    start = threading.Barrier(50)

    def use(number: int) -> str:
        start.wait()
        try:
            reset_password(token=token, new=f"{NEW}-{number}")
        except LinkInvalid:
            return ""
        finally:
            connection.close()
        return f"{NEW}-{number}"

    with ThreadPoolExecutor(50) as pool:
        winners = [word for word in pool.map(use, range(50)) if word]
    assert len(winners) == 1
    assert User.objects.get(pk=user.pk).check_password(winners[0])


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_control_reading_before_writing_lets_several_win() -> None:
    """What would happen without compare and swap: all who read before the first write believe that they won."""
    link_for(UserFactory.create())
    reset = PasswordReset.objects.get()
    start, seen = threading.Barrier(10), threading.Barrier(10)

    def use(_: int) -> bool:
        start.wait()
        unused = PasswordReset.objects.get(pk=reset.pk).used_at is None
        seen.wait()
        PasswordReset.objects.filter(pk=reset.pk).update(used_at=timezone.now())
        connection.close()
        return unused

    with ThreadPoolExecutor(10) as pool:
        assert sum(pool.map(use, range(10))) > 1
