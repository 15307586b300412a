"""Texts and statuses that come in twice at once: the first acts, the others find it done."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from appointments.models import Appointment, Status
from appointments.services.booking import book_appointment
from mediconnect.records.models import Change
from notifications.models import AddressStanding, Message, MessageEvent, Reply, State
from notifications.rules.statuses import twilio_status
from notifications.services import delivering
from notifications.services.answering import answer_reply
from notifications.services.delivering import note_status
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race, refusal_of
from tests.notifications.conftest import reachable
from tests.notifications.heard import says, told

pytestmark = pytest.mark.race

TWINS = 6


@pytest.fixture
def asked(place: SmallClinic) -> Message:
    """A visit of a patient with phone and e-mail, about which a text asked."""
    reachable(place.patients[0])
    visit, _ = book_appointment(place.booking(place.at(10, days=10)), caller=place.staff)
    return told(visit)


def confirmations(visit_id: uuid.UUID | None) -> int:
    """Return how often the history says that the visit was confirmed."""
    assert visit_id is not None
    visit = Appointment.objects.get(pk=visit_id)
    return Change.objects.of(visit).filter(after__status=Status.CONFIRMED).count()


@contextmanager
def without_one_row_for_each_text() -> Iterator[None]:
    """Take the unique constraint on the service's id away; afterwards there are no replies, so that it can return."""
    table = "notifications_reply"
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'u'"
            " AND pg_get_constraintdef(oid) = 'UNIQUE (provider_id)'",
            [table],
        )
        ((name,),) = cursor.fetchall()
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE notifications_reply, notifications_message CASCADE")
            cursor.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" UNIQUE (provider_id)')


def test_one_text_told_by_many_at_once_acts_once(asked: Message, isolation: str) -> None:
    replies = race([lambda: says("2", sid="SMtwin") for _ in range(TWINS)])
    assert len({reply.pk for reply in replies}) == 1
    assert Reply.objects.count() == 1
    assert Message.objects.filter(kind="will_call").count() == 1


def test_control_without_the_constraint_one_text_is_kept_many_times(asked: Message) -> None:
    with without_one_row_for_each_text():
        race([lambda: says("2", sid="SMtwin") for _ in range(TWINS)])
        assert Reply.objects.count() > 1


def test_many_confirmations_at_once_confirm_once(asked: Message, isolation: str) -> None:
    replies = race([lambda: says("1") for _ in range(TWINS)])
    assert {reply.state for reply in replies} == {"acted"}
    assert confirmations(asked.visit_id) == 1


def test_one_status_told_by_many_at_once_falls_back_once(asked: Message) -> None:
    status = twilio_status("undelivered", "30005")
    assert status is not None

    def tell() -> None:
        sid = asked.provider_id
        note_status(
            message_id=asked.pk, via="twilio", provider_id=sid, source_id=f"twilio:{sid}:undelivered", status=status
        )

    race([tell for _ in range(TWINS)])
    assert Message.objects.filter(instead_of=asked).count() == 1
    assert MessageEvent.objects.filter(message=asked, what="undelivered").count() == 1
    assert AddressStanding.objects.count() == 1


def test_control_without_the_lock_the_same_news_collides(asked: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delivering, "hold_told", lambda message_id: Message.objects.filter(pk=message_id).first())
    status = twilio_status("delivered")
    assert status is not None

    def tell() -> str:
        try:
            note_status(
                message_id=asked.pk, via="twilio", provider_id="SM", source_id="twilio:SM:delivered", status=status
            )
        except Exception as error:  # noqa: BLE001 - which one is what is asked
            return type(error).__name__
        return "done"

    assert "IntegrityError" in race([tell for _ in range(TWINS)])


def test_stop_and_a_failure_at_once_end_in_one_standing(asked: Message) -> None:
    status = twilio_status("undelivered", "30005")
    assert status is not None
    news: dict[str, Any] = {"message_id": asked.pk, "via": "twilio", "provider_id": asked.provider_id}
    race([lambda: says("STOP"), lambda: note_status(**news, source_id="twilio:x", status=status)])
    known = AddressStanding.objects.get()
    assert (known.opted_out_at is not None, known.undeliverable_at is not None) == (True, True)
    asked.refresh_from_db()
    assert asked.state == State.UNDELIVERED


def test_two_at_the_desk_answer_one_reply_once(asked: Message, place: SmallClinic) -> None:
    reply = says("is there parking?")
    click = refusal_of(lambda: answer_reply(reply_id=reply.pk, kind=Message.Kind.WILL_CALL, by_id=place.desk.pk))
    assert sorted(race([click, click])) == ["done", "reply-closed"]
    assert Message.objects.filter(answers=reply, kind="will_call").count() == 1
