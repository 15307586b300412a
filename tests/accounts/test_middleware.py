"""Pages have a budget of their own; the API and the probes are not counted in it."""

import pytest
from django.test import Client
from pytest_django import Settings

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

PAGE = "/accounts/sessions/"


def test_a_user_has_so_many_pages_a_minute(client: Client, settings: Settings) -> None:
    settings.PAGE_REQUESTS_PER_MINUTE = 3
    client.force_login(UserFactory.create())
    answers = [client.get(PAGE) for _ in range(4)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 429]
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    other = Client()
    other.force_login(UserFactory.create())
    assert other.get(PAGE).status_code == 200


def test_neither_visitors_nor_probes_nor_the_api_use_it_up(client: Client, settings: Settings) -> None:
    settings.PAGE_REQUESTS_PER_MINUTE = 1
    assert [Client().get("/accounts/sign-in/").status_code for _ in range(3)] == [200, 200, 200]
    client.force_login(UserFactory.create())
    for path in ("/health/liveness", "/api/v1/nothing/", "/o/token/"):
        assert [client.get(path).status_code == 429 for _ in range(2)] == [False, False], path
    assert client.get(PAGE).status_code == 200
