"""Words go after ninety days, rows after a year; what is open stays."""

import datetime as dt
import itertools
import uuid
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from mediconnect.records.identifiers import earliest_id
from notifications.models import Message, MessageEvent, Reminder, Reply
from notifications.services import cleaning
from notifications.services.cleaning import forget_rows, forget_words
from tests.factories import MessageFactory, ReminderFactory, ReplyFactory

pytestmark = pytest.mark.django_db

_NUMBERS = itertools.count(1)


def old(days: int, visit: Appointment, **more: Any) -> Message:
    """Make a message that was sent so many days ago."""
    at = timezone.now() - dt.timedelta(days=days)
    key = uuid.UUID(int=earliest_id(at).int + next(_NUMBERS))
    columns = {
        "id": key,
        "state": "sent",
        "sent_at": at,
        "recipient": "+12125550142",
        "recipient_index": "i",
        "body": "Hello",
    }
    message: Message = MessageFactory.create(visit=visit, **(columns | more))
    Message.objects.filter(pk=message.pk).update(created_at=at, visit_starts_at=at)
    MessageEvent.objects.create(message=message, what="sent")
    return message


def test_words_and_addresses_are_forgotten_after_ninety_days(visit: Appointment) -> None:
    forgotten = old(91, visit, visit_version=1)
    kept = old(89, visit, visit_version=2)
    waits = old(91, visit, visit_version=3, state="waiting", reason="retry", sent_at=None)
    assert forget_words() == 1
    forgotten.refresh_from_db()
    assert (forgotten.recipient, forgotten.body, forgotten.recipient_index, forgotten.state) == ("", "", "", "sent")
    assert [Message.objects.get(pk=one.pk).body for one in (kept, waits)] == ["Hello", "Hello"]
    assert forget_words() == 0


def test_messages_and_their_lives_are_forgotten_after_a_year(visit: Appointment) -> None:
    first = old(366, visit, visit_version=1)
    stand_in = old(366, visit, visit_version=1, channel="email", instead_of=first)
    kept = old(364, visit, visit_version=2)
    ReminderFactory.create(visit=visit, state="taken", message=first, decided_at=timezone.now())
    skipped, upcoming = (
        ReminderFactory.create(
            id=uuid.UUID(int=earliest_id(timezone.now() - dt.timedelta(days=400)).int + lead),
            visit=visit,
            lead_minutes=lead,
            state="skipped",
            reason="booked_later",
            decided_at=timezone.now(),
        )
        for lead in (60, 30)
    )
    Reminder.objects.filter(pk=skipped.pk).update(visit_starts_at=timezone.now() - dt.timedelta(days=366))
    reply = ReplyFactory.create(id=earliest_id(timezone.now() - dt.timedelta(days=367)), message=first, state="acted")
    Reply.objects.filter(pk=reply.pk).update(received_at=timezone.now() - dt.timedelta(days=366))
    assert forget_rows() == 3
    assert list(Message.objects.all()) == [kept]
    assert list(Reminder.objects.all()) == [upcoming]
    assert not Reply.objects.exists()
    assert not MessageEvent.objects.filter(message_id__in=[first.pk, stand_in.pk]).exists()


def test_a_message_with_an_open_reply_stays(visit: Appointment) -> None:
    message = old(400, visit)
    ReplyFactory.create(message=message)
    assert forget_rows() == 0


def test_a_batch_passes_by_nothing_twice_and_none_begins_after_its_time(
    visit: Appointment, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What cannot be emptied today is not read again with every batch of the night."""
    monkeypatch.setattr(cleaning, "_BATCH", 2)
    forgotten = [old(91, visit, visit_version=version) for version in range(1, 6)]
    monkeypatch.setattr(cleaning, "_empty_messages", lambda _ids: None)
    assert forget_words(seconds=0) == 0
    assert forget_words(seconds=60) == len(forgotten)
