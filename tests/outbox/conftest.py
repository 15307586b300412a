"""What the tests of the outbox share: listeners of their own and the table they write to."""

from collections.abc import Iterator

import pytest
from django.db import connection
from pytest_django import Settings

from tests.outbox import listeners


@pytest.fixture
def wired(settings: Settings) -> None:
    """Wire the tests' own listeners."""
    settings.FACT_HANDLERS = f"{listeners.NAME}.HANDLERS"


@pytest.fixture
def ears(transactional_db: None, wired: None) -> Iterator[None]:
    """Offer the table `heard`, committed, for tests that need real transactions."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS heard")
        cursor.execute("CREATE TABLE heard (fact_id uuid NOT NULL, request_id text NOT NULL)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE heard")
