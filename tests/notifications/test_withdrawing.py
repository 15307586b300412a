"""What is queued about a visit goes with it, and what speaks of others stays."""

import pytest
from django.utils import timezone

from notifications.models import Message
from notifications.rules.reasons import Why
from notifications.services.withdrawing import withdraw
from patients.models import Patient
from tests.factories import MessageFactory, ReminderFactory

from .conftest import Book

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("visits", [1, 2])
def test_a_stand_in_is_withdrawn_only_if_it_speaks_of_nothing_else(lena: Patient, book: Book, visits: int) -> None:
    """The reminders of several visits point to the message that failed, not to the one in its place."""
    told = [book(hour) for hour in (10, 12)[:visits]]
    failed = MessageFactory.create(
        visit=told[0], kind="reminder", lead_minutes=2880, state="undelivered", reason="undeliverable"
    )
    for visit in told:
        ReminderFactory.create(visit=visit, state="taken", message=failed, decided_at=timezone.now())
    stand_in = MessageFactory.create(
        visit=told[0], kind="reminder", lead_minutes=2880, channel="email", instead_of=failed
    )
    withdrawn = withdraw(told[0], Why.VISIT_CANCELLED)
    stand_in.refresh_from_db()
    assert stand_in.state == (Message.State.SKIPPED if visits == 1 else Message.State.QUEUED)
    assert len(withdrawn) == 2 - visits
