"""A clinic with people enough to stand in line."""

from collections.abc import Iterator

import pytest

from mediconnect.operations.verifying import broken
from tests.appointments.conftest import small_clinic
from tests.appointments.waitlist.line import Line

_OF_MESSAGES = {"every_offer_has_its_message_or_the_reason"}


@pytest.fixture
def line(db: None) -> Iterator[Line]:
    """The line of a small clinic with eight patients; after the test every promise about the data must hold.

    But for messages: they follow from facts, and nobody carries those here.
    """
    yield Line(small_clinic(patients=8))
    assert [str(found) for found in broken() if found.name not in _OF_MESSAGES] == []
