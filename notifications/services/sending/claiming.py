"""Claim one message: lease it, read everything again, and decide; what comes out is a call to make, or nothing."""

import datetime as dt
import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final

from cryptography.fernet import InvalidToken
from django.db import InterfaceError, OperationalError, transaction

from mediconnect.resilience.retry import RETRIES, delay
from notifications.channels.port import Letter
from notifications.errors import CannotBeWritten
from notifications.locks.asked import share_asked
from notifications.locks.messages import Taken, database_now, hold, hold_unread, share_visits, take
from notifications.models import Message, MessageEvent, State
from notifications.queries.told import times_told
from notifications.rules.deciding import Go, Skip, Wait, decide_sending
from notifications.rules.reasons import Why

from .preparing import letter_of, write_words
from .situating import Present, present_of
from .writing_down import end, fail, note, put_off

log = logging.getLogger(__name__)

_BUSY: Final = dt.timedelta(seconds=1)
"""A visit, or an offer of one, that somebody is changing at this moment is settled by then."""

_STILL_ASKED: Final = dt.timedelta(hours=1)
"""For so long after a message's time it is asked whether it was accepted; it is not sent again, but its life is told right."""

WAIT_FOR_EVENT: Final = dt.timedelta(minutes=5)
"""SendGrid cannot be asked what it accepted, but tells by itself; its events come within a minute or two."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call to make: send the letter, or look up whether the attempt before was accepted after all."""

    message_id: uuid.UUID
    token: uuid.UUID
    channel: str
    attempt: int
    letter: Letter = field(repr=False)
    looks_up: bool
    since: dt.datetime
    tried_before: dt.datetime | None
    line_id: int | None


def most_attempts(channel: str) -> int:
    """Return how many requests a message of this channel may cost: 4 by text, 6 by mail (reliability S-3)."""
    return RETRIES[channel] + 1


def claim(channels: Collection[str]) -> Call | bool:
    """Work the next due message of these channels up to its call and return that; True if it needs none, False if none is due.

    Two transactions. The first leases the message and counts the attempt, so that a message whose preparation kills its
    worker is given up in the end. The second decides, while the visit is kept as it is, and begins the attempt.
    """
    with transaction.atomic():
        taken = take(channels)
    if taken is None:
        return False
    try:
        with transaction.atomic():
            return _work(taken) or True
    except Exception as error:  # noqa: BLE001 - whatever one row does must not keep the others from being sent
        _give_up(taken, error)
        return True


def _work(taken: Taken) -> Call | None:
    message = hold(taken.id, taken.token)
    if message is None:
        log.warning("message %s was taken over by another sender", taken.id)
        return None
    now = database_now()
    if taken.was == State.SENDING and _was_lost(message, taken, now):
        return None
    if message.in_doubt:
        return _look_up(message, taken, now)
    return _decide(message, taken, now)


def _decide(message: Message, taken: Taken, now: dt.datetime) -> Call | None:
    """Begin the attempt, or write why not, by what is true now."""
    told = times_told(message)
    if (told and not share_visits(told)) or not share_asked(message):
        _return(message, taken, due_at=now + _BUSY)
        return None
    present = present_of(message, now, told)
    decision = decide_sending(present.situation)
    if isinstance(decision, Skip):
        end(message, State.SKIPPED, decision.why, attempts=taken.attempt - 1)
    elif isinstance(decision, Wait):
        put_off(message, decision.until, decision.why, attempts=taken.attempt - 1, known=taken.why)
    else:
        return _begin(message, taken, present, decision)
    return None


def _was_lost(message: Message, taken: Taken, now: dt.datetime) -> bool:
    """Deal with a lease that lapsed: whoever held it died. Return whether there is nothing more to do now.

    An attempt that was begun is in doubt and is looked up, once past its last attempt; one that never was is tried again.
    """
    most = most_attempts(message.channel)
    if taken.attempt > most + bool(message.in_doubt):
        end(message, State.DEAD, Why.WORKER_LOST, attempts=min(taken.attempt - 1, most), error="WorkerLost")
        return True
    note(message, MessageEvent.What.FAILED, "WorkerLost", attempt=taken.attempt - 1)
    if message.in_doubt and message.channel == Message.Channel.EMAIL and message.last_attempt_at is not None:
        until = message.last_attempt_at + WAIT_FOR_EVENT
        if until > now:
            put_off(message, until, Why.LOOKING_UP, attempts=taken.attempt - 1, known="")
            return True
    return False


def _look_up(message: Message, taken: Taken, now: dt.datetime) -> Call | None:
    """Ask before anything is sent again. The look-up has a lease like an attempt, and gives its count back when it ends."""
    if message.expires_at is not None and message.expires_at + _STILL_ASKED < now:
        end(message, State.SKIPPED, Why.EXPIRED, attempts=taken.attempt - 1)
        return None
    since = message.last_attempt_at or message.created_at
    return Call(
        message_id=message.pk,
        token=taken.token,
        channel=message.channel,
        attempt=taken.attempt - 1,
        letter=letter_of(message, (), now, attempt=taken.attempt - 1),
        looks_up=True,
        since=since,
        tried_before=message.last_attempt_at,
        line_id=None,
    )


def _begin(message: Message, taken: Taken, present: Present, go: Go) -> Call:
    """Begin the attempt: from this commit on until its outcome is written nobody knows whether it was accepted."""
    now = present.situation.now
    visits = [present.visits[pk] for pk in go.visits]
    before, channel = message.last_attempt_at, message.channel
    to = present.destination
    if not message.body and to is None:
        raise CannotBeWritten("no address and no words")
    if to is not None and (not message.body or (to.channel, to.index) != (channel, message.recipient_index)):
        write_words(message, to, visits)
    message.first_attempt_at = message.first_attempt_at or now
    message.last_attempt_at, message.in_doubt = now, True
    if message.channel != channel:
        log.info("message %s goes by %s", message.pk, message.channel)
    message.save(
        update_fields=[
            "channel", "language", "recipient", "recipient_index", "subject", "body", "html", "link_hash", "segments",
            "first_attempt_at", "last_attempt_at", "in_doubt",
        ]
    )  # fmt: skip
    line = note(message, MessageEvent.What.TRIED, attempt=taken.attempt)
    return Call(
        message_id=message.pk,
        token=taken.token,
        channel=message.channel,
        attempt=taken.attempt,
        letter=letter_of(message, visits, now, attempt=taken.attempt),
        looks_up=False,
        since=now,
        tried_before=before,
        line_id=line.pk,
    )


def _return(message: Message, taken: Taken, *, due_at: dt.datetime) -> None:
    """Put the message back as it was found, to be looked at a moment later; nothing happened that anybody should read."""
    was = State.QUEUED if taken.was == State.SENDING else State(taken.was)
    Message.objects.filter(pk=message.pk).update(
        state=was, attempts=taken.attempt - 1, due_at=due_at, lease_until=None, lease_token=None
    )


def _give_up(taken: Taken, error: Exception) -> None:
    """Write that the message could not be made ready: at once if it never can be, else after its attempts.

    Its sealed columns are left unread: they may be what cannot be read.
    """
    name = type(error).__name__
    log.warning("message %s could not be made ready: %s", taken.id, name)
    with transaction.atomic():
        message = hold_unread(taken.id, taken.token)
        if message is None:
            return
        now = database_now()
        if isinstance(error, (OperationalError, InterfaceError)):
            _return(message, taken, due_at=now + _BUSY)
        elif isinstance(error, (CannotBeWritten, InvalidToken)) or taken.attempt >= most_attempts(message.channel):
            end(message, State.DEAD, Why.CANNOT_BE_WRITTEN, attempts=taken.attempt, error=name)
        else:
            until = now + dt.timedelta(seconds=delay(taken.attempt - 1))
            fail(message, until, Why.RETRY, attempts=taken.attempt, error=name)
