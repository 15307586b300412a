"""Sign-in in tests: quick hashes, a fake record behind the invitation."""

from collections.abc import Iterator

import pytest
from pytest_django import Settings

from tests.accounts import subjects


@pytest.fixture(autouse=True)
def _quick_hashes(settings: Settings) -> None:
    """Hash quickly: what is tested here is never the strength of a hash."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _subjects(settings: Settings) -> Iterator[None]:
    settings.ACCOUNT_SUBJECTS = "tests.accounts.subjects"
    subjects.attached.clear()
    yield
    subjects.attached.clear()
