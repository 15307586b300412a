"""The ward, in the test's own transaction."""

import pytest

from tests.appointments.displacing.ward import Ward
from tests.appointments.displacing.ward import ward as a_ward


@pytest.fixture
def ward(db: None) -> Ward:
    """The small clinic with two providers who have working hours."""
    return a_ward()
