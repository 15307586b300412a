"""A clinic that is really there: committed, so that every competitor sees it, and with no limit on requests."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection

from mediconnect.operations.verifying import broken
from providers.models import Clinic
from tests.appointments.conftest import SmallClinic, small_clinic


@pytest.fixture(params=["read-committed", "repeatable-read"])
def isolation(request: pytest.FixtureRequest, settings: Any) -> str:
    """Decide bookings at this level; a test that asks for it runs at both."""
    settings.BOOKING_ISOLATION = request.param
    return str(request.param)


@pytest.fixture
def _many_requests(settings: Any) -> None:
    """Competitors are not to be slowed down: how many requests a minute one may send has tests of its own."""
    settings.API_REQUESTS_PER_MINUTE = 100_000


@pytest.fixture
def committed(transactional_db: None, _many_requests: None) -> Iterator[None]:
    """Commit for real; after the test every promise about the data must hold."""
    yield
    assert [str(found) for found in broken()] == []


@pytest.fixture
def place(committed: None) -> SmallClinic:
    """The small clinic, committed, with three patients."""
    return _of_many_bookings(small_clinic())


@pytest.fixture
def crowd(committed: None) -> SmallClinic:
    """The small clinic, committed, with fifty patients."""
    return _of_many_bookings(small_clinic(patients=50))


def _of_many_bookings(place: SmallClinic) -> SmallClinic:
    """Let each patient have as many open bookings as a long race leaves behind."""
    Clinic.objects.filter(pk=place.clinic.pk).update(open_bookings_limit=10_000)
    return place


@pytest.fixture(autouse=True)
def _own_connection(committed: None) -> Iterator[None]:
    yield
    connection.close()
