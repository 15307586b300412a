"""Forget what messages no longer need: first the words and addresses, later the rows."""

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import Q, QuerySet
from django.db.models.functions import Now

from notifications.models import OPEN, Message, MessageEvent, Reminder, Reply

WORDS_KEPT: Final = dt.timedelta(days=90)
"""After its end, for whoever asks what was said. The clinic's record is the visit; an address or an answer of a quarter
year ago helps nobody, and what is not kept cannot leak. Our own choice."""

ROWS_KEPT: Final = dt.timedelta(days=365)
"""What was sent when, and why not: long enough for a complaint about last year's visit. Our own choice."""

_BATCH: Final = 1_000
_MOST_BATCHES: Final = 500
"""Half a million rows in a night; more is for the next night."""


def forget_words() -> int:
    """Empty address, subject and words of messages and replies that ended 90 days ago; return how many."""
    ended = Message.objects.exclude(state__in=OPEN).filter(created_at__lt=Now() - WORDS_KEPT)
    ended = ended.filter(Q(visit_starts_at=None) | Q(visit_starts_at__lt=Now() - WORDS_KEPT))
    # A sealed column cannot be compared; the index of the address goes with the words and says whether they are there.
    messages = ended.exclude(recipient_index="")
    replies = (
        Reply.objects.exclude(state=Reply.State.OPEN)
        .filter(received_at__lt=Now() - WORDS_KEPT)
        .exclude(sender_index="")
    )
    return _in_batches(messages, _empty_messages) + _in_batches(replies, _empty_replies)


def forget_rows() -> int:
    """Delete what ended a year ago: messages with their lives, replies and reminders; return how many messages and replies.

    What is still open, and what an open thing refers to, stays.
    """
    old = Now() - ROWS_KEPT
    ended = Message.objects.exclude(state__in=OPEN).filter(created_at__lt=old)
    ended = ended.filter(Q(visit_starts_at=None) | Q(visit_starts_at__lt=old))
    ended = ended.exclude(Q(replies__state=Reply.State.OPEN) | Q(fallback__state__in=OPEN))
    gone = _in_batches(ended, _delete_messages)
    replies = Reply.objects.exclude(state=Reply.State.OPEN).filter(received_at__lt=old, answers=None)
    gone += _in_batches(replies, lambda ids: Reply.objects.filter(pk__in=ids).delete())
    planned = Reminder.objects.exclude(state=Reminder.State.PLANNED).filter(message=None, visit_starts_at__lt=old)
    _in_batches(planned, lambda ids: Reminder.objects.filter(pk__in=ids).delete())
    return gone


def _in_batches(rows: "QuerySet[Any]", work: Callable[[Sequence[Any]], object]) -> int:
    """Work the rows in small transactions, the oldest first; return how many. A row that cannot be locked waits a night."""
    done = 0
    for _ in range(_MOST_BATCHES):
        with transaction.atomic():
            ids = list(rows.order_by("pk").values_list("pk", flat=True).distinct()[:_BATCH])
            if ids:
                work(ids)
        done += len(ids)
        if len(ids) < _BATCH:
            break
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
