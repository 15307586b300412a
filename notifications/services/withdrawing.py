"""Take back what is queued about a visit and would no longer be true."""

import datetime as dt
import uuid

from appointments.models import Appointment
from notifications.locks.asked import hold_asking
from notifications.locks.reminders import hold_open_messages
from notifications.models import Kind, Message, MessageEvent, State
from notifications.queries.told import times_told
from notifications.rules.reasons import Why

_TELL_A_TIME = frozenset(
    {Kind.BOOKED, Kind.MOVED, Kind.REMINDER, Kind.PROPOSAL, Kind.PROPOSAL_OVER, Kind.LATE, Kind.NOTE}
)


def withdraw(visit: Appointment, why: Why, *, except_time: dt.datetime | None = None) -> list[Message]:
    """Skip what is queued about the visit's time, in the open transaction; return those messages.

    `except_time` keeps what tells that very time. A message that speaks of other visits as well is left to its sender,
    which leaves out this one; so is one that a sender holds at this moment.
    """
    found = [
        message
        for message in hold_open_messages(visit.pk)
        if message.kind in _TELL_A_TIME and message.visit_starts_at != except_time and not _speaks_of_others(message)
    ]
    _skip(found, why)
    return found


def withdraw_cancellation(visit: Appointment) -> list[Message]:
    """Skip what is queued about the visit's cancellation, which was taken back; return those messages."""
    found = [message for message in hold_open_messages(visit.pk) if message.kind == Kind.CANCELLED]
    _skip(found, Why.NOT_CANCELLED)
    return found


def withdraw_asking(
    kind: Kind, why: Why, *, offer_id: uuid.UUID | None = None, displaced_id: uuid.UUID | None = None
) -> list[Message]:
    """Skip what is queued to make an offer or a proposal that is over; return those messages."""
    found = hold_asking(kind, offer_id=offer_id, displaced_id=displaced_id)
    _skip(found, why)
    return found


def _speaks_of_others(message: Message) -> bool:
    return len(times_told(message)) > 1


def _skip(messages: list[Message], why: Why) -> None:
    Message.objects.filter(pk__in=[message.pk for message in messages]).update(state=State.SKIPPED, reason=why)
    MessageEvent.objects.bulk_create(
        MessageEvent(message=message, what=MessageEvent.What.SKIPPED, detail=why, attempt=message.attempts)
        for message in messages
    )
