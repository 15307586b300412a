"""A message whose sender died comes back; whoever lost a lease writes nothing; what cannot be made kills nobody."""

import datetime as dt

import pytest
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from appointments.models import Appointment
from notifications.channels.port import Accepted
from notifications.models import Kind, Message
from notifications.rules.reasons import Why
from notifications.services import composing
from notifications.services.sending import preparing
from notifications.services.sending.carrying import Failed, Sent
from notifications.services.sending.claiming import Call, claim
from notifications.services.sending.recording import record
from notifications.services.writing import tell

from .conftest import Services, lives

pytestmark = pytest.mark.django_db


@pytest.fixture
def message(visit: Appointment) -> Message:
    return tell(visit=visit, kind=Kind.BOOKED, version=visit.version, urgent=True)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def claimed() -> Call:
    call = claim(["sms", "email"])
    assert isinstance(call, Call)
    return call


def lapse() -> None:
    Message.objects.filter(state="sending").update(lease_until=Now() - dt.timedelta(seconds=1))


def test_a_claimed_message_is_leased_counted_and_in_doubt_until_its_outcome(
    message: Message, services: Services
) -> None:
    claimed()
    held = fresh(message)
    assert (held.state, held.attempts, held.in_doubt) == ("sending", 1, True)
    assert held.lease_until is not None
    assert dt.timedelta(seconds=40) < held.lease_until - timezone.now() < dt.timedelta(seconds=46)
    assert claim(["sms", "email"]) is False


def test_a_text_whose_sender_died_is_looked_up_and_not_sent_twice(message: Message, services: Services) -> None:
    claimed()
    lapse()
    services.sms.knows = lambda _letter: Accepted("SMfound", "sent")
    services.send()
    found = fresh(message)
    assert (found.state, found.provider_id, found.attempts) == ("sent", "SMfound", 1)
    assert services.sms.letters == []


def test_a_text_that_the_dead_sender_never_handed_over_is_sent(message: Message, services: Services) -> None:
    claimed()
    lapse()
    services.send()
    assert (fresh(message).state, fresh(message).attempts, fresh(message).ambiguities) == ("sent", 2, 0)
    assert len(services.sms.letters) == 1


def test_a_mail_whose_sender_died_waits_for_the_services_own_word(visit: Appointment, services: Services) -> None:
    message = tell(visit=visit, kind=Kind.BOOKED, version=1, urgent=True, channel=Message.Channel.EMAIL)
    claimed()
    lapse()
    services.send()
    assert (fresh(message).state, fresh(message).reason, fresh(message).in_doubt) == ("waiting", Why.LOOKING_UP, True)
    Message.objects.filter(pk=message.pk).update(state="delivered", reason="", sent_at=Now(), in_doubt=False)
    services.later()
    assert services.send() == 0


def test_who_lost_the_lease_writes_nothing(message: Message, services: Services) -> None:
    late = claimed()
    lapse()
    other = claimed()
    assert other.token != late.token
    record(late, Failed("http-500", ambiguous=False))
    record(late, Sent(Accepted("SMlate", "queued"), "twilio"))
    held = fresh(message)
    assert (held.state, held.lease_token, held.provider_id) == ("sending", other.token, "")


def test_the_services_own_word_before_ours_stands_and_gets_its_id(message: Message, services: Services) -> None:
    call = claimed()
    Message.objects.filter(pk=message.pk).update(state="delivered", sent_at=Now(), lease_until=None, lease_token=None)
    record(call, Sent(Accepted("SMours", "queued"), "twilio"))
    told = fresh(message)
    assert (told.state, told.provider_id, told.via, told.in_doubt) == ("delivered", "SMours", "twilio", False)


def test_a_message_that_loses_every_sender_is_given_up(message: Message, services: Services) -> None:
    for _ in range(8):
        if claim(["sms", "email"]) is False:
            break
        lapse()
    dead = fresh(message)
    assert (dead.state, dead.reason, dead.attempts) == ("dead", Why.WORKER_LOST, 4)


def test_a_message_without_words_is_given_up_and_the_next_is_sent(
    visit: Appointment, message: Message, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = composing.compose

    def compose(of: Message, *arguments: object, **named: object) -> object:
        if of.pk == message.pk:
            raise ZeroDivisionError
        return write(of, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(preparing, "compose", compose)
    other = tell(visit=visit, kind=Kind.REMINDER, version=1, lead_minutes=60, urgent=True)
    for _ in range(5):
        services.send()
        services.later()
    assert (fresh(message).state, fresh(message).reason) == ("dead", Why.CANNOT_BE_WRITTEN)
    assert fresh(message).last_error == "ZeroDivisionError"
    assert fresh(other).state == "sent"


def test_a_row_that_cannot_be_read_is_given_up_and_the_next_is_sent(
    visit: Appointment, message: Message, services: Services
) -> None:
    other = tell(visit=visit, kind=Kind.REMINDER, version=1, lead_minutes=60, urgent=True)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE notifications_message SET body = 'no seal of ours' WHERE id = %s", [message.pk])
    services.send()
    row = Message.objects.filter(pk=message.pk).values("state", "reason", "last_error").get()
    assert row == {"state": "dead", "reason": Why.CANNOT_BE_WRITTEN, "last_error": "InvalidToken"}
    assert fresh(other).state == "sent"
    assert lives(other)[-1].startswith("sent")
