"""A clinic with people who wait, its desk, and a provider who works there."""

import pytest
from django.test import Client

from tests.appointments.conftest import SmallClinic, small_clinic
from tests.appointments.waitlist.line import Line
from tests.portal.people.conftest import client_of


@pytest.fixture
def line(db: None) -> Line:
    """The waitlist of a small clinic with five patients."""
    return Line(small_clinic(patients=5))


@pytest.fixture
def place(line: Line) -> SmallClinic:
    """Its clinic."""
    return line.place


@pytest.fixture
def desk(place: SmallClinic) -> Client:
    """Its front desk, signed in."""
    return client_of(place.desk)
