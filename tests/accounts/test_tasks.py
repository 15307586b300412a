"""The nightly clean-up takes what is over and leaves what somebody may still need."""

from datetime import timedelta

import pytest
from django.utils import timezone

from mediconnect.accounts.models import Invitation, PasswordReset, SignInAttempts
from mediconnect.accounts.services import invitations
from mediconnect.accounts.services.attempts import count_sign_in
from mediconnect.accounts.services.passwords import request_reset
from mediconnect.accounts.tasks import clean_up
from tests.accounts.subjects import ALICE

pytestmark = pytest.mark.django_db


def leave_traces() -> None:
    invitations.invite(subject_id=ALICE)
    request_reset(email="nobody@example.org", address="192.0.2.1")
    count_sign_in(email="nobody@example.org", address="192.0.2.1")


def left() -> list[int]:
    return [model.objects.count() for model in (Invitation, PasswordReset, SignInAttempts)]


def test_what_is_recent_stays() -> None:
    leave_traces()
    before = left()
    clean_up()
    assert left() == before


def test_what_is_long_over_goes() -> None:
    leave_traces()
    past = timezone.now() - timedelta(days=31)
    Invitation.objects.update(expires_at=past)
    PasswordReset.objects.update(expires_at=past)
    SignInAttempts.objects.update(updated_at=past)
    clean_up()
    assert left() == [0, 0, 0]
