"""The page of reliability: for whoever runs a clinic, in plain words, with what to do next."""

import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from mediconnect.operations.models import VerifyRun
from mediconnect.operations.verifying import CHECKS
from mediconnect.portal.once import new_key
from mediconnect.portal.reliability.words import PROMISES, promise_in_words
from providers.models import Clinic, Role
from tests.factories import ClinicFactory, MembershipFactory, UserFactory
from tests.portal.setup.conftest import browser_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    cache.delete("self-check:broken")
    yield
    cache.delete("self-check:broken")


@pytest.fixture
def clinic() -> Clinic:
    return ClinicFactory.create()


@pytest.fixture
def admin(clinic: Clinic) -> Client:
    return browser_of(MembershipFactory.create(clinic=clinic, role=Role.CLINIC_ADMIN).user)


def _ran(*broken: str, ago: dt.timedelta = dt.timedelta(hours=1), **more: Any) -> VerifyRun:
    checks = [
        {"name": check.name, "held": check.name not in broken, "count": 3 if check.name in broken else 0}
        for check in CHECKS
    ]
    at = timezone.now() - ago
    run = VerifyRun.objects.create(how="nightly", started_at=at, finished_at=at, ok=not broken, checks=checks, **more)
    VerifyRun.objects.filter(pk=run.pk).update(created_at=at)
    return run


def test_every_check_has_its_words() -> None:
    assert [check.name for check in CHECKS if check.name not in PROMISES] == []
    assert promise_in_words("a_new_promise_holds") == "A new promise holds."


def test_an_empty_page_says_what_will_happen(admin: Client) -> None:
    said = words(admin.get("/reliability/"))
    assert "Nothing was checked yet" in said
    assert "Check now" in said


def test_a_good_night_is_one_line(admin: Client) -> None:
    _ran()
    said = words(admin.get("/reliability/"))
    assert f"All {len(CHECKS)} promises hold" in said
    assert "No provider has two visits at once. held" in said


def test_a_broken_promise_says_how_often_and_what_to_do(admin: Client) -> None:
    _ran("no_two_visits_of_one_provider_overlap")
    said = words(admin.get("/reliability/"))
    assert "1 promise is broken" in said
    assert "broken: 3" in said
    assert "manage.py verify" in said


def test_a_night_that_did_not_run_is_said(admin: Client) -> None:
    _ran(ago=dt.timedelta(hours=40))
    assert "the nightly check did not run" in words(admin.get("/reliability/"))


def test_check_now_begins_one_and_shows_how_far_it_is(admin: Client) -> None:
    answer = admin.post("/reliability/check/", {"key": new_key()}, follow=True)
    assert f"Checking: 0 of {len(CHECKS)}" in words(answer)
    assert VerifyRun.objects.get().how == "by_hand"
    part = admin.get("/reliability/", headers={"HX-Request": "true", "HX-Target": "self-check"})
    assert part.content.decode().strip().startswith('<div id="self-check"')


def test_check_now_is_refused_in_words_right_after_another(admin: Client) -> None:
    _ran(ago=dt.timedelta(minutes=1))
    answer = admin.post("/reliability/check/", {"key": new_key()})
    assert answer.status_code == 409
    assert "Checked a moment ago" in words(answer)


def test_whoever_runs_no_clinic_finds_nothing(clinic: Clinic) -> None:
    desk = browser_of(MembershipFactory.create(clinic=clinic, role=Role.FRONT_DESK).user)
    stranger = browser_of(UserFactory.create())
    for client in (desk, stranger):
        assert client.get("/reliability/").status_code == 404
        assert client.post("/reliability/check/", {"key": new_key()}).status_code == 404
    assert Client().get("/reliability/").status_code == 302
    assert not VerifyRun.objects.exists()


def test_a_superuser_sees_it(clinic: Clinic) -> None:
    boss = browser_of(UserFactory.create(is_superuser=True, is_staff=True))
    assert boss.get("/reliability/").status_code == 200


def test_a_broken_promise_is_told_on_the_pages_of_whoever_runs_the_clinic(clinic: Clinic, admin: Client) -> None:
    desk = browser_of(MembershipFactory.create(clinic=clinic, role=Role.FRONT_DESK).user)
    board = f"/clinics/{clinic.pk}/patients/"
    _ran("a_key_has_one_effect")
    assert "found 1 promise about the data broken" in words(admin.get(board, follow=True))
    assert "about the data broken" not in words(desk.get(board, follow=True))
