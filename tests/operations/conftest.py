"""A small clinic to operate on."""

import pytest

from tests.appointments.conftest import SmallClinic, small_clinic


@pytest.fixture
def place(db: None) -> SmallClinic:
    """The small clinic, in the test's own transaction."""
    return small_clinic()
