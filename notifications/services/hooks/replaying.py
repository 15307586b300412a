"""Send calls again that are over, under the ids that they had; or put away what was given up."""

import datetime as dt
import logging
import uuid
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Now

from mediconnect.errors import NotFound
from notifications.errors import CallNotOver
from notifications.locks.hooks import lock_hook
from notifications.models import CallState, HookCall, HookEvent
from notifications.services.waking import wake_callers

log = logging.getLogger(__name__)

MOST_AT_ONCE: Final = 10_000
"""Of one act; a month of a large clinic."""

_OVER: Final = (CallState.DELIVERED, CallState.DEAD, CallState.DISCARDED)


def replay_call(*, hook_id: uuid.UUID, call_id: uuid.UUID, by_id: uuid.UUID | None) -> None:
    """Queue one call again. Raises `NotFound`, and `CallNotOver` for one that is still on its way."""
    with transaction.atomic():
        lock_hook(hook_id)
        calls = HookCall.objects.filter(pk=call_id, hook=hook_id)
        if not _queue(calls, by_id):
            raise CallNotOver if calls.exists() else NotFound


def replay_dead(*, hook_id: uuid.UUID, by_id: uuid.UUID | None) -> int:
    """Queue all again that were given up; return how many. Raises `NotFound`."""
    with transaction.atomic():
        lock_hook(hook_id)
        return _queue(HookCall.objects.filter(hook=hook_id, state=CallState.DEAD), by_id)


def replay_between(*, hook_id: uuid.UUID, start: dt.datetime, end: dt.datetime, by_id: uuid.UUID | None) -> int:
    """Queue all again that were written from `start` up to `end`, delivered ones too; return how many. Raises `NotFound`.

    For a receiver that lost what it was told. Each keeps its id, so one that did not lose it does nothing twice.
    """
    with transaction.atomic():
        lock_hook(hook_id)
        return _queue(HookCall.objects.filter(hook=hook_id, created_at__gte=start, created_at__lt=end), by_id)


def discard_dead(*, hook_id: uuid.UUID, by_id: uuid.UUID | None) -> int:
    """Put all away that were given up; return how many. Raises `NotFound`."""
    with transaction.atomic():
        lock_hook(hook_id)
        done = (
            HookCall.objects.filter(hook=hook_id, state=CallState.DEAD)
            .exclude(event=HookEvent.PING)
            .update(state=CallState.DISCARDED, reason="by-hand")
        )
    log.info("%s calls of hook %s were discarded by %s", done, hook_id, by_id)
    return done


def _queue(calls: "QuerySet[HookCall]", by_id: uuid.UUID | None) -> int:
    over = calls.filter(state__in=_OVER).exclude(event=HookEvent.PING).order_by("created_at", "id")
    done = HookCall.objects.filter(pk__in=list(over.values_list("pk", flat=True)[:MOST_AT_ONCE])).update(
        state=CallState.QUEUED,
        reason="",
        attempts=0,
        due_at=Now(),
        delivered_at=None,
        replayed_at=Now(),
        replayed_by=by_id,
    )
    if done:
        wake_callers()
        log.info("%s hook calls were queued again by %s", done, by_id)
    return done
