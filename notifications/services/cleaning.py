"""Forget what messages no longer need: first the words and addresses, later the rows."""

import datetime as dt
import time
import uuid
from collections.abc import Callable, Sequence
from math import inf
from typing import Any, Final

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from mediconnect.records.identifiers import earliest_id
from notifications.models import OPEN, Message, MessageEvent, Reminder, Reply

WORDS_KEPT: Final = dt.timedelta(days=90)
"""After its end, for whoever asks what was said. The clinic's record is the visit; an address or an answer of a quarter
year ago helps nobody, and what is not kept cannot leak. Our own choice."""

ROWS_KEPT: Final = dt.timedelta(days=365)
"""What was sent when, and why not: long enough for a complaint about last year's visit. Our own choice."""

_BATCH: Final = 1_000


def forget_words(*, seconds: float = inf) -> int:
    """Empty address, subject and words of messages and replies that ended 90 days ago; return how many.

    No batch begins after so many seconds; the next night goes on there.
    """
    until, old = time.monotonic() + seconds, timezone.now() - WORDS_KEPT
    ended = _made_before(Message, old).exclude(state__in=OPEN).filter(created_at__lt=old)
    ended = ended.filter(Q(visit_starts_at=None) | Q(visit_starts_at__lt=old))
    # A sealed column cannot be compared; the index of the address goes with the words and says whether they are there.
    messages = ended.exclude(recipient_index="")
    replies = _made_before(Reply, old).exclude(state=Reply.State.OPEN).filter(received_at__lt=old)
    replies = replies.exclude(sender_index="")
    return _in_batches(messages, _empty_messages, until) + _in_batches(replies, _empty_replies, until)


def forget_rows(*, seconds: float = inf) -> int:
    """Delete what ended a year ago: messages with their lives, replies and reminders; return how many messages and replies.

    What is still open, and what an open thing refers to, stays. No batch begins after so many seconds.
    """
    until, old = time.monotonic() + seconds, timezone.now() - ROWS_KEPT
    ended = _made_before(Message, old).exclude(state__in=OPEN).filter(created_at__lt=old)
    ended = ended.filter(Q(visit_starts_at=None) | Q(visit_starts_at__lt=old))
    ended = ended.exclude(Q(replies__state=Reply.State.OPEN) | Q(fallback__state__in=OPEN))
    gone = _in_batches(ended, _delete_messages, until)
    replies = _made_before(Reply, old).exclude(state=Reply.State.OPEN).filter(received_at__lt=old, answers=None)
    gone += _in_batches(replies, lambda ids: Reply.objects.filter(pk__in=ids).delete(), until)
    planned = _made_before(Reminder, old).exclude(state=Reminder.State.PLANNED)
    planned = planned.filter(message=None, visit_starts_at__lt=old)
    _in_batches(planned, lambda ids: Reminder.objects.filter(pk__in=ids).delete(), until)
    return gone


def _made_before(model: type[Model], moment: dt.datetime) -> "QuerySet[Any]":
    """Return the rows as old as that, read in the order of their keys: of millions, only those from the first on."""
    return QuerySet(model).filter(pk__lt=earliest_id(moment))


def _in_batches(rows: "QuerySet[Any]", work: Callable[[Sequence[Any]], object], until: float) -> int:
    """Work the rows in small transactions, the oldest first, and pass by none twice; return how many."""
    done, place = 0, uuid.UUID(int=0)
    while time.monotonic() < until:
        with transaction.atomic():
            ids = list(rows.filter(pk__gt=place).order_by("pk").values_list("pk", flat=True)[:_BATCH])
            if ids:
                work(ids)
        done += len(ids)
        if len(ids) < _BATCH:
            break
        place = ids[-1]
    return done


def _empty_messages(ids: Sequence[Any]) -> None:
    Message.objects.filter(pk__in=ids).update(
        recipient="", recipient_index="", subject="", body="", html="", link_hash=None
    )


def _empty_replies(ids: Sequence[Any]) -> None:
    Reply.objects.filter(pk__in=ids).update(sender="", sender_index="", body="", note="")


def _delete_messages(ids: Sequence[Any]) -> None:
    Message.objects.filter(instead_of__in=ids).update(instead_of=None)
    Reply.objects.filter(message__in=ids).update(message=None)
    Reminder.objects.filter(message__in=ids).delete()
    MessageEvent.objects.filter(message__in=ids).delete()
    Message.objects.filter(pk__in=ids).delete()
