"""Forget calls that are a month old, and put those away that waited too long for an address to be resumed."""

import datetime as dt
import time
from math import inf
from typing import Final

from django.utils import timezone

from notifications.models import CallState, HookCall

KEPT: Final = dt.timedelta(days=30)
"""For so long a call can be sent again. It holds ids and times that stand in the visit itself."""

WAITS_AT_MOST: Final = dt.timedelta(days=7)
"""For an address that is paused. News of last week's calendar would be told as today's; it can still be sent by hand."""

_BATCH: Final = 1_000


def forget_calls(*, seconds: float = inf) -> int:
    """Delete what is over and a month old, and discard what waited for a week; return how many rows were deleted.

    No batch begins after so many seconds; the next night goes on there.
    """
    until, now = time.monotonic() + seconds, timezone.now()
    waiting = HookCall.objects.filter(state__in=[CallState.QUEUED, CallState.WAITING], replayed_at=None)
    waiting.filter(created_at__lt=now - WAITS_AT_MOST).update(state=CallState.DISCARDED, reason="too-old")
    over = HookCall.objects.filter(
        created_at__lt=now - KEPT, state__in=[CallState.DELIVERED, CallState.DEAD, CallState.DISCARDED]
    )
    gone = 0
    while time.monotonic() < until:
        ids = list(over.order_by("created_at").values_list("pk", flat=True)[:_BATCH])
        gone += HookCall.objects.filter(pk__in=ids).delete()[0]
        if len(ids) < _BATCH:
            break
    return gone
