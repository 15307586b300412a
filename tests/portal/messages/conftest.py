"""A clinic in mid-day with messages in every state, and its front desk signed in."""

import pytest
from django.test import Client

from tests.browser.clinic_day import ClinicDay
from tests.browser.messages_of_a_day import Written, messages_of_a_day
from tests.portal.people.conftest import client_of, day, desk

__all__ = ["client_of", "day", "desk"]


@pytest.fixture
def written(day: ClinicDay) -> Written:
    """What was written about the day's visits."""
    return messages_of_a_day(day)


@pytest.fixture
def doctor(day: ClinicDay) -> Client:
    """The provider of the first calendar, signed in."""
    return client_of(day.doctor)
