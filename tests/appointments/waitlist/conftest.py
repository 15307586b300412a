"""A clinic with people enough to stand in line."""

from collections.abc import Iterator

import pytest

from mediconnect.operations.verifying import broken
from tests.appointments.conftest import small_clinic
from tests.appointments.waitlist.line import Line


@pytest.fixture
def line(db: None) -> Iterator[Line]:
    """The line of a small clinic with eight patients; after the test every promise about the data must hold."""
    yield Line(small_clinic(patients=8))
    assert [str(found) for found in broken()] == []
