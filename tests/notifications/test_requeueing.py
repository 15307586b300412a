"""A message that did not arrive gets another life, with the same key, or is put away for a reason."""

import uuid

import pytest
from django.db import connection

from appointments.models import Appointment
from mediconnect.errors import Invalid, NotFound
from notifications.errors import MessageOnItsWay
from notifications.models import Kind, Message, MessageEvent
from notifications.services.requeueing import discard_message, requeue_message
from notifications.services.writing import tell
from tests.appointments.conftest import SmallClinic

pytestmark = pytest.mark.django_db


@pytest.fixture
def dead(visit: Appointment) -> Message:
    message = tell(visit=visit, kind=Kind.BOOKED, version=visit.version)
    Message.objects.filter(pk=message.pk).update(
        state="dead", reason="attempts_used_up", attempts=4, recipient="+12125550142", recipient_index="x", body="Hello"
    )
    return Message.objects.get(pk=message.pk)


def test_a_dead_message_is_due_again_with_all_its_attempts(dead: Message, place: SmallClinic) -> None:
    again = requeue_message(message_id=dead.pk, by_id=place.desk.pk)
    assert (again.pk, again.state, again.attempts, again.reason) == (dead.pk, "queued", 0, "")
    assert (again.recipient, again.body) == ("", "")  # chosen anew
    assert again.requeued_by_id == place.desk.pk
    line = MessageEvent.objects.filter(message=dead).last()
    assert line is not None
    assert (line.what, line.by_id) == ("requeued", place.desk.pk)


def test_a_text_in_doubt_keeps_its_words_to_be_looked_up_by(dead: Message) -> None:
    Message.objects.filter(pk=dead.pk).update(in_doubt=True)
    again = requeue_message(message_id=dead.pk, by_id=None)
    assert (again.in_doubt, again.body, again.ambiguities) == (True, "Hello", 0)


def test_a_mail_in_doubt_that_is_sent_again_by_hand_counts_as_an_ambiguity(dead: Message) -> None:
    Message.objects.filter(pk=dead.pk).update(in_doubt=True, channel="email")
    again = requeue_message(message_id=dead.pk, by_id=None)
    assert (again.in_doubt, again.ambiguities) == (False, 1)


def test_what_is_on_its_way_is_not_queued_again(visit: Appointment) -> None:
    message = tell(visit=visit, kind=Kind.BOOKED, version=visit.version)
    with pytest.raises(MessageOnItsWay):
        requeue_message(message_id=message.pk, by_id=None)
    with pytest.raises(NotFound):
        requeue_message(message_id=uuid.uuid4(), by_id=None)


def test_a_message_is_put_away_for_a_reason(dead: Message, place: SmallClinic) -> None:
    with pytest.raises(Invalid):
        discard_message(message_id=dead.pk, reason="  ", by_id=place.desk.pk)
    gone = discard_message(message_id=dead.pk, reason="called instead", by_id=place.desk.pk)
    assert (gone.state, gone.reason) == ("discarded", "discarded")
    line = MessageEvent.objects.filter(message=dead, what="discarded").get()
    assert (line.note, line.by_id) == ("called instead", place.desk.pk)


@pytest.mark.parametrize("sealed", ["recipient", "body", "html"])
def test_a_message_that_cannot_be_opened_gets_new_words_or_is_put_away(dead: Message, sealed: str) -> None:
    """It was given up because nobody could read it: a person must be able to do something about that."""
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE notifications_message SET {sealed} = 'no seal of ours' WHERE id = %s", [dead.pk])
    again = requeue_message(message_id=dead.pk, by_id=None)
    assert (again.state, again.recipient, again.body, again.html) == ("queued", "", "", "")
    Message.objects.filter(pk=dead.pk).update(state="dead", reason="cannot_be_written")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE notifications_message SET {sealed} = 'no seal of ours' WHERE id = %s", [dead.pk])
    assert discard_message(message_id=dead.pk, reason="called instead", by_id=None).state == "discarded"
