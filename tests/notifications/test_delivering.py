"""What became of a message: in any order, any number of times, and whoever writes it down first."""

import datetime as dt
import itertools
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment
from notifications.models import AddressStanding, Message, MessageEvent, State
from notifications.rules.statuses import Got, Says, sendgrid_status, twilio_status
from notifications.services.delivering import note_status
from notifications.services.requeueing import requeue_message
from patients.models import ContactPoint, index_of_value
from tests.notifications.conftest import EMAIL, PHONE
from tests.notifications.heard import mailed, told

pytestmark = pytest.mark.django_db

TEXT_LIFE = (("queued", ""), ("sent", ""), ("delivered", ""))
FAILED_LIFE = (("queued", ""), ("sent", ""), ("undelivered", "30005"))


def text_says(message: Message, word: str, code: str = "", *, sid: str = "", by_id: bool = True) -> Message | None:
    sid = sid or message.provider_id
    status = twilio_status(word, code)
    assert status is not None
    return note_status(
        message_id=message.pk if by_id else None,
        via="twilio",
        provider_id=sid,
        source_id=f"twilio:{sid}:{word}",
        status=status,
    )


def mail_says(message: Message, event: str, kind: str = "", reason: str = "", *, source: str = "") -> None:
    status = sendgrid_status(event, kind, reason)
    assert status is not None
    source = source or uuid.uuid4().hex
    note_status(message_id=message.pk, via="sendgrid", provider_id=message.provider_id, source_id=source, status=status)


def fresh(message: Message) -> Message:
    return Message.objects.get(pk=message.pk)


def being_sent(visit: Appointment, **columns: Any) -> Message:
    lease: dict[str, Any] = {"lease_until": timezone.now() + dt.timedelta(seconds=45), "lease_token": uuid.uuid4()}
    unknown: dict[str, Any] = {"sent_at": None, "provider_id": "", "provider_status": "", "via": "", "in_doubt": True}
    return told(visit, **({"state": State.SENDING} | lease | unknown | columns))


@pytest.mark.parametrize(
    ("news", "state", "word"),
    [
        *((order, State.DELIVERED, "delivered") for order in itertools.permutations(TEXT_LIFE)),
        *((order, State.UNDELIVERED, "undelivered") for order in itertools.permutations(FAILED_LIFE)),
        *((order, State.UNDELIVERED, "failed") for order in itertools.permutations((*TEXT_LIFE, ("failed", "30008")))),
    ],
)
def test_in_whatever_order_news_comes_the_furthest_stands(
    visit: Appointment, news: Sequence[tuple[str, str]], state: State, word: str
) -> None:
    message = being_sent(visit)
    for told_word, code in (*news, *news):
        text_says(message, told_word, code, sid="SM9")
    now = fresh(message)
    assert (now.state, now.provider_status, now.provider_id, now.in_doubt) == (state, word, "SM9", False)
    assert MessageEvent.objects.filter(message=message, source_id__startswith="twilio:SM9:").count() == len(news)


def test_news_while_it_is_sent_takes_the_lease_and_no_result_undoes_it(visit: Appointment) -> None:
    message = being_sent(visit)
    text_says(message, "sent", sid="SM1")
    now = fresh(message)
    assert (now.state, now.lease_token, now.via) == (State.SENT, None, "twilio")
    assert now.sent_at is not None


def test_news_of_a_message_in_doubt_settles_it(visit: Appointment) -> None:
    message = being_sent(visit, state=State.WAITING, reason="looking_up", lease_until=None, lease_token=None)
    text_says(message, "delivered", sid="SM1")
    assert (fresh(message).state, fresh(message).reason, fresh(message).in_doubt) == (State.DELIVERED, "", False)


def test_a_message_given_up_in_doubt_that_arrived_is_delivered(visit: Appointment) -> None:
    message = told(visit, state=State.DEAD, reason="looking_up", sent_at=None, in_doubt=True)
    text_says(message, "delivered")
    assert fresh(message).state == State.DELIVERED


def test_a_message_is_found_by_the_services_id_alone(visit: Appointment) -> None:
    message = told(visit)
    text_says(message, "delivered", by_id=False)
    assert fresh(message).state == State.DELIVERED


def test_news_of_nothing_of_ours_is_nothing(visit: Appointment) -> None:
    message = told(visit)
    assert text_says(message, "delivered", sid="SMother", by_id=False) is None
    status = twilio_status("delivered")
    assert status is not None
    assert note_status(message_id=uuid.uuid4(), via="twilio", provider_id="", source_id="x", status=status) is None
    assert fresh(message).state == State.SENT


def test_bad_news_of_an_earlier_attempt_does_not_move_the_one_that_counts(visit: Appointment) -> None:
    message = told(visit, ambiguities=1)
    text_says(message, "undelivered", "30005", sid="SMearlier")
    assert fresh(message).state == State.SENT
    text_says(message, "delivered", sid="SMearlier")
    assert fresh(message).state == State.DELIVERED


def test_news_of_a_former_life_does_not_move_a_message_that_was_queued_again(visit: Appointment, place: Any) -> None:
    message = told(visit)
    text_says(message, "undelivered", "30008")
    requeue_message(message_id=message.pk, by_id=place.desk.pk)
    text_says(message, "failed", "30008")
    assert (fresh(message).state, fresh(message).provider_status) == (State.QUEUED, "")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("30003", Says.NOTHING),
        ("30007", Says.NOTHING),
        ("30008", Says.NOTHING),
        ("", Says.NOTHING),
        ("nonsense", Says.NOTHING),
        ("30004", Says.FAILS),
        ("30005", Says.FAILS),
        ("30006", Says.FAILS),
        ("21610", Says.OPTED_OUT),
    ],
)
def test_what_a_code_says_of_the_number(visit: Appointment, code: str, says: Says) -> None:
    message = told(visit)
    text_says(message, "undelivered", code)
    known = AddressStanding.objects.filter(channel="sms", address_index=index_of_value("phone", PHONE)).first()
    assert fresh(message).state == State.UNDELIVERED
    assert (known is not None) == (says is not Says.NOTHING)
    if known is not None:
        assert (known.undeliverable_at is not None) == (says is Says.FAILS)
        assert known.opted_out_by == ("carrier" if says is Says.OPTED_OUT else "")


def test_a_failed_text_is_written_as_a_mail_once(visit: Appointment) -> None:
    message = told(visit)
    for _ in range(2):
        text_says(message, "undelivered", "30003")
    mail = Message.objects.get(instead_of=message)
    assert (mail.channel, mail.state, mail.kind) == ("email", State.QUEUED, message.kind)


def test_without_another_address_a_failed_text_stays_a_failed_text(visit: Appointment, email: ContactPoint) -> None:
    ContactPoint.objects.filter(pk=email.pk).update(consent=False)
    message = told(visit)
    text_says(message, "undelivered", "30005")
    assert not Message.objects.filter(instead_of=message).exists()
    assert (fresh(message).reason, fresh(message).last_error) == ("undeliverable", "twilio-30005")


@pytest.mark.parametrize(
    ("event", "state", "reason", "undeliverable", "opted_out_by"),
    [
        (("processed",), State.SENT, "", False, ""),
        (("deferred",), State.SENT, "", False, ""),
        (("delivered",), State.DELIVERED, "", False, ""),
        (("bounce", "bounce", "550 5.1.1 no such user"), State.UNDELIVERED, "bounced", True, ""),
        (("bounce", "blocked", "550 5.7.1 spam"), State.UNDELIVERED, "bounced", False, ""),
        (("dropped", "", "Bounced Address"), State.UNDELIVERED, "bounced", True, ""),
        (("dropped", "", "Invalid"), State.UNDELIVERED, "undeliverable", True, ""),
        (("dropped", "", "Spam Reporting Address"), State.UNDELIVERED, "complained", False, "complaint"),
        (("dropped", "", "Unsubscribed Address"), State.UNDELIVERED, "opted_out", False, "unsubscribe"),
        (("dropped", "", "Spam Content"), State.UNDELIVERED, "undeliverable", False, ""),
        (("spamreport",), State.DELIVERED, "", False, "complaint"),
        (("unsubscribe",), State.DELIVERED, "", False, "unsubscribe"),
        (("group_unsubscribe",), State.DELIVERED, "", False, "unsubscribe"),
    ],
)
def test_what_became_of_a_mail(
    visit: Appointment, event: tuple[str, ...], state: State, reason: str, undeliverable: bool, opted_out_by: str
) -> None:
    message = mailed(visit)
    mail_says(message, *event)
    known = AddressStanding.objects.filter(channel="email", address_index=index_of_value("email", EMAIL)).first()
    assert (fresh(message).state, fresh(message).reason) == (state, reason)
    assert (known is not None and known.undeliverable_at is not None) == undeliverable
    assert (known.opted_out_by if known else "") == opted_out_by


def test_mail_that_was_delivered_may_come_back(visit: Appointment, phone: ContactPoint) -> None:
    message = mailed(visit)
    mail_says(message, "delivered")
    mail_says(message, "bounce", "bounce")
    mail_says(message, "delivered")
    assert fresh(message).state == State.UNDELIVERED
    assert Message.objects.get(instead_of=message).channel == "sms"


def test_who_subscribes_again_is_written_to_again(visit: Appointment) -> None:
    message = mailed(visit)
    mail_says(message, "group_unsubscribe")
    mail_says(message, "group_resubscribe")
    assert AddressStanding.objects.get().opted_out_at is None


@pytest.mark.parametrize("event", ["open", "click", "", "account_status_change"])
def test_other_events_are_none_of_ours(event: str) -> None:
    assert sendgrid_status(event) is None


def test_unknown_statuses_are_no_status() -> None:
    assert twilio_status("") is None
    assert twilio_status("received") is None
    read = twilio_status(" Read ")
    assert read is not None
    assert read.got is Got.DELIVERED


def test_nothing_of_the_words_or_the_address_is_kept_in_the_lines(visit: Appointment) -> None:
    message = mailed(visit)
    mail_says(message, "bounce", "bounce", f"550 <{EMAIL}> unknown")
    lines = str(list(MessageEvent.objects.filter(message=message).values()))
    assert EMAIL not in lines
    assert EMAIL not in str(
        list(Message.objects.filter(pk=message.pk).values("last_error", "reason", "provider_status"))
    )
