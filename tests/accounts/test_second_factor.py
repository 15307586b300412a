"""The second factor: who must have one, and that each code works once."""

import re
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings as django_settings
from django.core import checks
from django.db import connection
from django.shortcuts import resolve_url
from django.test import Client
from pytest_django import Settings

from mediconnect.accounts.checks import second_factor_is_asked
from mediconnect.accounts.errors import CodeWrong, TooManyAttempts
from mediconnect.accounts.models import Authenticator, User
from mediconnect.accounts.rules import totp
from mediconnect.accounts.services.second_factor import (
    begin_enrolment,
    confirm_enrolment,
    renew_recovery_codes,
    verify_second_factor,
)
from mediconnect.accounts.services.users import remove_second_factor
from tests.factories import PASSWORD, MembershipFactory, UserFactory

# Where a sign-in leads that was on its way to nowhere else.
START = resolve_url(django_settings.LOGIN_REDIRECT_URL)
SIGN_IN, VERIFY, ENROL = "/accounts/sign-in/", "/accounts/second-factor/", "/accounts/second-factor/enrol/"

CODES = "/accounts/second-factor/codes/"


def current(user: User, away: int = 0) -> str:
    return totp(Authenticator.objects.get(user=user).secret, int(time.time() // 30) + away)


def enrolled(**values: object) -> User:
    """Return a user whose second factor is set up; the code of the step before was used for it."""
    user = UserFactory.create(**values)
    begin_enrolment(user=user)
    confirm_enrolment(user_id=user.pk, code=current(user, -1))
    return user


def give_password(user: User, client: Client) -> str:
    return str(client.post(SIGN_IN, {"email": user.email, "password": PASSWORD})["Location"])


def signed_in(client: Client) -> bool:
    return client.get("/accounts/sessions/").status_code == 200


@pytest.mark.django_db
def test_a_superuser_sets_it_up_before_getting_in(client: Client) -> None:
    user = UserFactory.create(is_superuser=True)
    assert give_password(user, client) == ENROL
    assert not signed_in(client)
    page = client.get(ENROL).content.decode()
    secret = begin_enrolment(user=user).secret
    assert "<svg" in page
    assert secret[:4] in page
    assert "style=" not in page
    assert client.post(ENROL, {"code": "000000"}).status_code == 422
    assert not signed_in(client)
    done = client.post(ENROL, {"code": current(user)})
    assert len(re.findall(r"<li>[A-Z2-9-]+</li>", done.content.decode())) == 10
    assert signed_in(client)


@pytest.mark.django_db
def test_afterwards_a_code_is_asked_each_time(client: Client) -> None:
    user = enrolled(is_superuser=True)
    assert give_password(user, client) == VERIFY
    assert not signed_in(client)
    assert client.post(VERIFY, {"code": "000000"}).status_code == 422
    assert client.post(VERIFY, {"code": current(user)}).status_code == 302
    assert signed_in(client)


@pytest.mark.django_db
def test_the_way_on_survives_the_second_factor(client: Client) -> None:
    user = enrolled(is_superuser=True)
    client.post(SIGN_IN, {"email": user.email, "password": PASSWORD, "next": "/accounts/password/"})
    assert client.post(VERIFY, {"code": current(user)})["Location"] == "/accounts/password/"


@pytest.mark.django_db
@pytest.mark.parametrize(("role", "target"), [("clinic_admin", ENROL), ("provider", START), ("front_desk", START)])
def test_clinic_admins_must_have_one(client: Client, role: str, target: str) -> None:
    assert give_password(MembershipFactory.create(role=role).user, client) == target


@pytest.mark.django_db
def test_patients_may_have_one_and_need_none(client: Client) -> None:
    assert give_password(UserFactory.create(), client) == START
    assert client.get(ENROL).status_code == 200
    assert give_password(enrolled(), Client()) == VERIFY


@pytest.mark.django_db
def test_only_an_exemption_or_the_setting_lets_a_superuser_in_without(client: Client, settings: Settings) -> None:
    assert give_password(UserFactory.create(is_superuser=True, second_factor_exempt=True), client) == START
    settings.SECOND_FACTOR_REQUIRED = False
    assert give_password(UserFactory.create(is_superuser=True), client) == START


def test_a_deployment_without_it_fails_its_check(settings: Settings) -> None:
    assert second_factor_is_asked(None) == []
    settings.SECOND_FACTOR_REQUIRED = False
    assert [message.level for message in second_factor_is_asked(None)] == [checks.ERROR]


@pytest.mark.django_db
def test_the_password_step_is_forgotten_after_a_password_change(client: Client) -> None:
    user = enrolled(is_superuser=True)
    give_password(user, client)
    user.set_password("another-long-password")
    user.save()
    assert client.post(VERIFY, {"code": current(user)})["Location"] == SIGN_IN
    assert not signed_in(client)


@pytest.mark.django_db
def test_without_the_password_step_there_is_nothing_to_confirm(client: Client) -> None:
    enrolled(is_superuser=True)
    assert client.get(VERIFY)["Location"] == SIGN_IN
    assert client.get(ENROL)["Location"] == SIGN_IN


@pytest.mark.django_db
def test_a_code_works_once() -> None:
    user = enrolled()
    code = current(user)
    verify_second_factor(user_id=user.pk, code=code)
    with pytest.raises(CodeWrong):
        verify_second_factor(user_id=user.pk, code=code)


@pytest.mark.django_db
def test_a_recovery_code_works_once_and_new_ones_replace_it() -> None:
    user = enrolled()
    first, second, *_ = renew_recovery_codes(user_id=user.pk)
    verify_second_factor(user_id=user.pk, code=f" {first.lower()} ")
    with pytest.raises(CodeWrong):
        verify_second_factor(user_id=user.pk, code=first)
    renew_recovery_codes(user_id=user.pk)
    with pytest.raises(CodeWrong):
        verify_second_factor(user_id=user.pk, code=second)


@pytest.mark.django_db
def test_whoever_is_signed_in_makes_new_recovery_codes_against_a_code(client: Client) -> None:
    user = enrolled()
    old, *_ = renew_recovery_codes(user_id=user.pk)
    client.force_login(user)
    assert "10 left" in client.get("/accounts/sessions/").content.decode()
    assert client.post(CODES, {"code": "000000"}).status_code == 422
    shown = client.post(CODES, {"code": current(user)}).content.decode()
    assert len(re.findall(r"<li>[A-Z2-9-]+</li>", shown)) == 10
    assert old not in shown
    with pytest.raises(CodeWrong):
        verify_second_factor(user_id=user.pk, code=old)


@pytest.mark.django_db
def test_new_recovery_codes_are_for_those_with_a_second_factor(client: Client) -> None:
    assert client.get(CODES)["Location"].startswith(SIGN_IN)
    client.force_login(UserFactory.create())
    assert client.get(CODES)["Location"] == ENROL


@pytest.mark.django_db
def test_guessing_codes_is_slowed_down() -> None:
    user = enrolled()
    for _ in range(5):
        with pytest.raises(CodeWrong):
            verify_second_factor(user_id=user.pk, code="000000")
    with pytest.raises(TooManyAttempts):
        verify_second_factor(user_id=user.pk, code=current(user))


@pytest.mark.django_db
def test_the_secret_is_sealed_in_the_database() -> None:
    user = enrolled()
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM accounts_authenticator")
        (kept,) = cursor.fetchone()
    assert Authenticator.objects.get(user=user).secret not in kept


@pytest.mark.django_db
def test_a_lost_phone_is_replaced_at_the_next_sign_in(client: Client) -> None:
    user = enrolled(is_superuser=True)
    remove_second_factor(user_id=user.pk)
    assert give_password(user, client) == ENROL


@pytest.mark.race
@pytest.mark.django_db(transaction=True)
def test_of_parallel_uses_of_one_recovery_code_one_wins() -> None:
    user = enrolled()
    code = renew_recovery_codes(user_id=user.pk)[0]
    start = threading.Barrier(4)

    def use(_: int) -> bool:
        start.wait()
        try:
            verify_second_factor(user_id=user.pk, code=code)
        except CodeWrong:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(use, range(4))) == 1


@pytest.mark.django_db
@pytest.mark.parametrize("role", ["provider", "front_desk"])
def test_a_clinic_may_ask_everybody_who_works_there(client: Client, role: str) -> None:
    user = MembershipFactory.create(role=role, clinic__second_factor_for_all=True).user
    assert give_password(user, client) == ENROL
    assert not signed_in(client)
