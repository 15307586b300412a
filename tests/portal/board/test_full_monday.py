"""A full day of twenty providers: few queries, a light page."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.browser.busy_day import busy_day
from tests.browser.clinic_day import ClinicDay

BACKEND = "django.contrib.auth.backends.ModelBackend"


@pytest.fixture
def monday(db: None) -> ClinicDay:
    return busy_day(providers=20)


def test_the_full_board_takes_nine_queries_and_weighs_less_than_155_kilobytes(monday: ClinicDay) -> None:
    client = Client()
    client.force_login(monday.desk, backend=BACKEND)
    client.get(monday.path("board"))
    with CaptureQueriesContext(connection) as queries:
        response = client.get(monday.path("board"))
    said = [query["sql"][:110] for query in queries.captured_queries]
    assert len(said) <= 9, "\n".join(said)
    page = response.content.decode()
    assert len(re.findall(r'class="block visit', page)) > 200
    assert len(response.content) < 155_000  # each head leads to its provider's day and to a sick one's
    # The same board again for a page that refreshes itself, and the question whether it has to.
    with CaptureQueriesContext(connection) as queries:
        client.get(monday.path("board"), headers={"HX-Request": "true", "HX-Target": "board", "X-Background": "1"})
    assert len(queries) <= 9
    with CaptureQueriesContext(connection) as queries:
        client.get(monday.path("pulse"))
    assert len(queries) <= 4


def test_a_week_and_a_month_take_few_queries(monday: ClinicDay) -> None:
    client = Client()
    client.force_login(monday.desk, backend=BACKEND)
    for name, most in (("week", 9), ("month", 7)):
        client.get(monday.path(name))
        with CaptureQueriesContext(connection) as queries:
            assert client.get(monday.path(name)).status_code == 200
        assert len(queries) <= most, [query["sql"][:110] for query in queries.captured_queries]
