"""Sessions: final endings, idle and absolute limits, one statement per request."""

from datetime import timedelta

import pytest
from django.contrib.sessions.backends.base import UpdateError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from mediconnect.accounts.models import Session, User
from mediconnect.accounts.rules import PATIENT_IDLE, SEEN_EVERY, STAFF_IDLE
from mediconnect.accounts.services.endings import deactivate_user, end_everything
from mediconnect.accounts.sessions import SessionStore, key_hash
from tests.factories import PASSWORD, UserFactory

PAGE = "/accounts/sessions/"


def signed_in(user: User) -> Client:
    client = Client(headers={"user-agent": "Firefox on the front desk"})
    response = client.post("/accounts/sign-in/", {"email": user.email, "password": PASSWORD})
    assert response.status_code == 302
    return client


def lets_in(client: Client) -> bool:
    return client.get(PAGE).status_code == 200


def row_of(client: Client) -> Session:
    return Session.objects.get(pk=key_hash(client.cookies["session"].value))


def age(client: Client, by: timedelta) -> None:
    """Let the session be seen last so long ago."""
    row = row_of(client)
    seen = row.last_seen_at - by
    Session.objects.filter(pk=row.pk).update(last_seen_at=seen, idle_at=seen + timedelta(seconds=row.idle_seconds))


pytestmark = pytest.mark.django_db


def test_the_cookie_is_stored_nowhere() -> None:
    client = signed_in(UserFactory.create())
    cookie = client.cookies["session"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert not Session.objects.filter(pk=cookie.value).exists()
    assert row_of(client).user_agent == "Firefox on the front desk"


def test_a_request_reads_session_and_user_with_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    client = signed_in(UserFactory.create())
    with django_assert_num_queries(
        3
    ):  # the session with its user; the page's own list, and whether there is a second factor
        client.get(PAGE)


def test_signing_out_is_final() -> None:
    client = signed_in(UserFactory.create())
    stolen = client.cookies["session"].value
    row = row_of(client)
    client.post("/accounts/sign-out/")
    thief = Client()
    thief.cookies["session"] = stolen
    assert not lets_in(thief)
    row.refresh_from_db()
    assert row.revoked_at is not None
    assert row.data == {}


def test_a_request_that_is_under_way_does_not_revive_an_ended_session() -> None:
    client = signed_in(UserFactory.create())
    slow = SessionStore(client.cookies["session"].value)
    assert slow["_auth_user_id"]
    client.post("/accounts/sign-out/")
    slow["anything"] = 1
    with pytest.raises(UpdateError):
        slow.save()


def test_signing_out_by_a_link_does_nothing() -> None:
    client = signed_in(UserFactory.create())
    assert client.get("/accounts/sign-out/").status_code == 405
    assert lets_in(client)


@pytest.mark.parametrize(("superuser", "limit"), [(False, PATIENT_IDLE), (True, STAFF_IDLE)])
def test_idle_sessions_end(*, superuser: bool, limit: timedelta) -> None:
    user = UserFactory.create(is_superuser=superuser, second_factor_exempt=True)
    client = signed_in(user)
    age(client, limit - timedelta(seconds=30))
    assert lets_in(client)
    age(client, limit + timedelta(seconds=1))
    assert not lets_in(client)


def test_a_page_that_polls_by_itself_keeps_nobody_signed_in() -> None:
    client = signed_in(UserFactory.create())
    age(client, timedelta(minutes=20))
    before = row_of(client).idle_at
    assert client.get(PAGE, headers={"x-background": "1"}).status_code == 200
    assert row_of(client).idle_at == before
    client.get(PAGE)
    assert row_of(client).idle_at > before


def test_being_seen_is_written_once_a_minute() -> None:
    client = signed_in(UserFactory.create())
    before = row_of(client).last_seen_at
    client.get(PAGE)
    assert row_of(client).last_seen_at == before
    age(client, SEEN_EVERY)
    client.get(PAGE)
    assert row_of(client).last_seen_at > before - SEEN_EVERY


def test_twelve_hours_are_the_end_however_busy() -> None:
    client = signed_in(UserFactory.create())
    Session.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not lets_in(client)


def test_the_database_refuses_a_longer_session() -> None:
    signed_in(UserFactory.create())
    with pytest.raises(IntegrityError, match="a_session_ends_after_twelve_hours"), transaction.atomic():
        Session.objects.update(expires_at=timezone.now() + timedelta(hours=13))


def test_the_list_shows_each_browser_and_ends_one_or_all_others() -> None:
    user = UserFactory.create()
    here, there, elsewhere = signed_in(user), signed_in(user), signed_in(user)
    assert here.get(PAGE).content.count(b"<strong>Firefox on the front desk</strong>") == 3
    here.post(f"/accounts/sessions/{row_of(there).pk}/end/")
    assert [lets_in(client) for client in (here, there, elsewhere)] == [True, False, True]
    here.post("/accounts/sessions/end-others/")
    assert [lets_in(client) for client in (here, elsewhere)] == [True, False]


def test_somebody_elses_session_is_not_found() -> None:
    mine, other = signed_in(UserFactory.create()), signed_in(UserFactory.create())
    assert mine.post(f"/accounts/sessions/{row_of(other).pk}/end/").status_code == 404
    assert lets_in(other)


def test_deactivation_ends_every_session_and_activation_revives_none() -> None:
    user = UserFactory.create()
    clients = [signed_in(user), signed_in(user)]
    deactivate_user(user_id=user.pk)
    assert not any(lets_in(client) for client in clients)
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert not any(lets_in(client) for client in clients)


@pytest.mark.parametrize("change", [{"is_active": False}, {"password": "!"}])
def test_the_database_ends_sessions_when_credentials_change_by_any_door(change: dict[str, object]) -> None:
    user = UserFactory.create()
    client = signed_in(user)
    User.objects.filter(pk=user.pk).update(**change)
    User.objects.filter(pk=user.pk).update(is_active=True)
    assert not lets_in(client)


def test_a_session_opened_by_an_older_sign_in_is_dead_on_arrival() -> None:
    user = UserFactory.create()
    client = signed_in(user)
    row = row_of(client)
    end_everything(user_id=user.pk)
    Session.objects.filter(pk=row.pk).update(revoked_at=None, data=row.data)
    assert not lets_in(client)


def test_changing_the_password_ends_the_others_and_keeps_this_browser() -> None:
    user = UserFactory.create()
    here, there = signed_in(user), signed_in(user)
    new = "quiet-meadow-orchard"
    wrong = here.post("/accounts/password/", {"current": "guess", "new": new, "again": new})
    assert wrong.status_code == 401
    weak = here.post("/accounts/password/", {"current": PASSWORD, "new": "password", "again": "password"})
    assert weak.status_code == 422
    done = here.post("/accounts/password/", {"current": PASSWORD, "new": new, "again": new})
    assert done.status_code == 302
    assert (lets_in(here), lets_in(there)) == (True, False)


def test_a_made_up_cookie_is_nobody() -> None:
    client = Client()
    client.cookies["session"] = "a" * 43
    assert not lets_in(client)
    client.cookies["session"] = "ü" * 500
    assert not lets_in(client)


def test_old_rows_are_cleared_and_recent_ones_stay() -> None:
    client = signed_in(UserFactory.create())
    old = row_of(client)
    past = timezone.now() - timedelta(days=31)
    Session.objects.filter(pk=old.pk).update(created_at=past, expires_at=past)
    signed_in(UserFactory.create())
    SessionStore.clear_expired()
    assert Session.objects.count() == 1
