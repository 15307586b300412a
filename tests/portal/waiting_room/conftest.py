"""A clinic in mid-day, its front desk and whoever runs it."""

import pytest
from django.test import Client

from tests.browser.clinic_day import ClinicDay
from tests.portal.people.conftest import client_of, day, desk

__all__ = ["admin", "day", "desk"]


@pytest.fixture
def admin(day: ClinicDay) -> Client:
    """Whoever runs the clinic."""
    return client_of(day.admin)
