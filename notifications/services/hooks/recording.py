"""Record how a call ended, in one transaction that only the holder of the lease can write."""

import datetime as dt
import logging
from typing import Any, Final

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Coalesce

from notifications.locks.hooks import hold_call
from notifications.locks.messages import database_now
from notifications.models import CallState, Hook, HookCall, HookEvent, HookStanding, PausedWhy
from notifications.rules.hooks import wait_after
from notifications.services.waking import wake_callers

from .carrying import Accepted, HeldBack, NotAccepted, Outcome
from .claiming import Errand

log = logging.getLogger(__name__)

PAUSE_AFTER: Final = dt.timedelta(days=3)
"""An address that accepted nothing for so long is paused, and the clinic told on the portal: a weekend is survived."""


def record(errand: Errand, outcome: Outcome) -> None:
    """Write the outcome of a call. Refused, and logged, where the lease was lost: another sender decides by now."""
    with transaction.atomic():
        call = hold_call(errand.call_id, errand.token)
        if call is None:
            log.warning("hook call %s: a result came after its lease (%s)", errand.call_id, type(outcome).__name__)
            return
        now = database_now()
        match outcome:
            case Accepted():
                _accepted(call, outcome, now)
            case HeldBack():
                _held_back(call, outcome, now)
            case NotAccepted():
                _not_accepted(call, outcome, now)


def _accepted(call: HookCall, outcome: Accepted, now: dt.datetime) -> None:
    _settle(
        call,
        state=CallState.DELIVERED,
        reason="",
        delivered_at=now,
        last_status=outcome.status,
        last_error="",
        last_milliseconds=outcome.milliseconds,
    )
    HookStanding.objects.filter(hook=call.hook_id).update(failing_since=None, rests_until=None, delivered_at=now)
    if call.event == HookEvent.PING:
        # What was never tested, or did not answer for days, begins by the test that it answers.
        resumed = Hook.objects.filter(pk=call.hook_id, active=True).exclude(paused_why=PausedWhy.BY_HAND)
        if resumed.exclude(paused_at=None).update(paused_at=None, paused_why=""):
            wake_callers()


def _held_back(call: HookCall, outcome: HeldBack, now: dt.datetime) -> None:
    """Give the attempt back and let the whole address rest, so that its other calls are not taken up one by one."""
    until = now + dt.timedelta(seconds=max(1.0, outcome.seconds))
    if call.event == HookEvent.PING:
        _settle(call, state=CallState.DEAD, reason="resting", last_error="resting")
        return
    _settle(call, state=CallState.WAITING, reason="resting", due_at=until, attempts=max(0, call.attempts - 1))
    HookStanding.objects.filter(hook=call.hook_id).update(rests_until=until)


def _not_accepted(call: HookCall, outcome: NotAccepted, now: dt.datetime) -> None:
    tried = {
        "last_status": outcome.status,
        "last_error": outcome.code[:80],
        "last_milliseconds": outcome.milliseconds,
    }
    wait = wait_after(call.attempts)
    if outcome.gone or call.event == HookEvent.PING:
        _settle(call, state=CallState.DEAD, reason="gone" if outcome.gone else "unanswered", **tried)
    elif wait is None:
        _settle(call, state=CallState.DEAD, reason="attempts-used-up", **tried)
    else:
        until = now + dt.timedelta(seconds=max(wait, outcome.rest))
        _settle(call, state=CallState.WAITING, reason="retry", due_at=until, **tried)
    if call.event == HookEvent.PING:
        return
    _note_failure(call, outcome, now)


def _note_failure(call: HookCall, outcome: NotAccepted, now: dt.datetime) -> None:
    """Remember since when nothing is accepted; pause the address where it is gone, or that lasts for days."""
    rests = {"rests_until": now + dt.timedelta(seconds=outcome.rest)} if outcome.rest else {}
    HookStanding.objects.filter(hook=call.hook_id).update(failing_since=Coalesce("failing_since", now), **rests)
    why = PausedWhy.GONE if outcome.gone else PausedWhy.FAILING
    failing = Q(standing__failing_since__lt=now - PAUSE_AFTER)
    paused = Hook.objects.filter(pk=call.hook_id, paused_at=None).filter(Q() if outcome.gone else failing)
    for hook_id in paused.values_list("pk", flat=True):
        Hook.objects.filter(pk=hook_id, paused_at=None).update(paused_at=now, paused_why=why)
        log.warning("hook %s is paused: %s", hook_id, why.value)


def _settle(call: HookCall, **columns: Any) -> None:
    """Write the outcome into the held row and give the lease back."""
    HookCall.objects.filter(pk=call.pk).update(lease_until=None, lease_token=None, **columns)
