"""What was written about the visits of a clinic's day, and what came back: each state and each kind of reply once."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.utils import timezone

from notifications.models import Channel, Kind, Message, MessageEvent, Reminder, Reply, State
from notifications.rules.reasons import Why
from tests.browser.clinic_day import ClinicDay
from tests.factories import MessageFactory, ReminderFactory, ReplyFactory

_What = MessageEvent.What
PHONE: Final = "+12025550106"


@dataclass
class Written:
    """Messages by their state or what is special about them, and replies by what they mean."""

    messages: dict[str, Message]
    replies: dict[str, Reply]


def messages_of_a_day(day: ClinicDay) -> Written:
    """Write them: dead and undelivered ones about the visits ahead today, the others about the rest."""
    messages = {
        "delivered": _told(
            _message(day, "confirmed", State.DELIVERED, via="twilio", sent_at=_ago(60), delivered_at=_ago(59)),
            (_What.TRIED, "", 1), (_What.FAILED, "timeout-read", 1), (_What.TRIED, "", 2), (_What.SENT, "", 2), (_What.DELIVERED, "", 2),
        ),
        "dead": _told(
            _message(day, "booked", State.DEAD, reason=Why.ATTEMPTS_USED_UP, attempts=4),
            (_What.TRIED, "", 4), (_What.GIVEN_UP, Why.ATTEMPTS_USED_UP, 4),
        ),
        "undelivered": _told(
            _message(day, "long", State.UNDELIVERED, reason=Why.UNDELIVERABLE, via="twilio", sent_at=_ago(30)),
            (_What.TRIED, "", 1), (_What.SENT, "", 1), (_What.UNDELIVERED, "30005", 1),
        ),
        "waiting": _told(
            _message(day, "tomorrow", State.WAITING, reason=Why.QUIET_HOURS, due_at=_ago(-120)),
            (_What.WAITED, Why.QUIET_HOURS, 0),
        ),
        "skipped": _told(
            _message(day, "cancelled", State.SKIPPED, reason=Why.VISIT_CANCELLED),
            (_What.SKIPPED, Why.VISIT_CANCELLED, 0),
        ),
        "sandbox": _told(
            _message(day, "arabic", State.SENT, via="sandbox", channel=Channel.EMAIL, recipient="layla@mail.example", sent_at=_ago(5)),
            (_What.TRIED, "", 1), (_What.SENT, "", 1),
        ),
    }  # fmt: skip
    ReminderFactory.create(visit=day.visits["tomorrow"], lead_minutes=180)
    ReminderFactory.create(
        visit=day.visits["tomorrow"], lead_minutes=7 * 24 * 60, state=Reminder.State.SKIPPED, reason=Why.BOOKED_LATER,
        decided_at=timezone.now(),
    )  # fmt: skip
    replies = {
        "unclear": ReplyFactory.create(
            message=messages["waiting"], body="My bus is late, can I come at ten?", sender=PHONE
        ),
        "call": ReplyFactory.create(message=messages["sandbox"], body="2", meaning=Reply.Meaning.CALL),
    }
    return Written(messages, replies)


def _message(day: ClinicDay, visit: str, state: State, **columns: Any) -> Message:
    usual = {"kind": Kind.REMINDER, "lead_minutes": 2880, "recipient": PHONE, "created_at": _ago(90)}
    made: Message = MessageFactory.create(visit=day.visits[visit], state=state, **(usual | columns))
    return made


def _told(message: Message, *events: tuple[str, str, int]) -> Message:
    """Write the events a minute apart, the last one now."""
    MessageEvent.objects.create(message=message, what=_What.QUEUED, at=message.created_at)
    for number, (what, detail, attempt) in enumerate(events):
        until = message.due_at if what == _What.WAITED else None
        at = _ago(len(events) - number)
        MessageEvent.objects.create(message=message, what=what, detail=detail, attempt=attempt, until=until, at=at)
    return message


def _ago(minutes: int) -> dt.datetime:
    return timezone.now() - dt.timedelta(minutes=minutes)


def form(**words: Any) -> dict[str, Any]:
    """Return the fields of a form with a key of its own."""
    return {"key": f"page-{uuid.uuid4()}", **words}
