"""A clinic in mid-day, and its front desk signed in."""

import pytest
from django.test import Client

from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay, clinic_day


def client_of(user: User) -> Client:
    """Return a browser in which this user has signed in."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def day(db: None) -> ClinicDay:
    """The clinic."""
    return clinic_day()


@pytest.fixture
def desk(day: ClinicDay) -> Client:
    """Its front desk."""
    return client_of(day.desk)
