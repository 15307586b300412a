"""Claim one call: lease it, decide by what is true now, and write down what is to be sent; or settle that nothing is."""

import logging
import uuid
from collections.abc import Collection
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.db import transaction

from notifications.locks.hooks import TakenCall, hold_call, take_call
from notifications.locks.messages import database_now
from notifications.models import CallState, HookCall
from notifications.rules.hooks import MOST_ATTEMPTS, breaker_name, headers, written

from .keeping import secrets_of

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """One request to make. Nothing of it is shown where it is printed."""

    call_id: uuid.UUID
    token: uuid.UUID
    hook_id: uuid.UUID
    event: str
    attempt: int
    breaker: str
    url: str = field(repr=False)
    headers: dict[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    request_id: str = ""


def claim_call(*, busy: Collection[uuid.UUID] = ()) -> Errand | bool:
    """Work the next due call up to its request and return that; True if it needs none, False if none is due.

    Two transactions, as with messages: the first leases it and counts the attempt, the second decides.
    """
    with transaction.atomic():
        taken = take_call(busy=busy)
    if taken is None:
        return False
    return prepare(taken) or True


def prepare(taken: TakenCall) -> Errand | None:
    """Return the request of a leased call; None where it was settled without one, or the lease was lost."""
    with transaction.atomic():
        call = hold_call(taken.id, taken.token)
        if call is None:
            log.warning("hook call %s was taken over by another sender", taken.id)
            return None
        if not call.hook.active:
            _settle(call, CallState.DISCARDED, "hook-removed")
            return None
        if taken.attempt > MOST_ATTEMPTS:
            # Its last attempt was begun by somebody who died: whether it arrived is not known, and it is not tried again.
            _settle(call, CallState.DEAD, "worker-lost")
            return None
        now = database_now()
        HookCall.objects.filter(pk=call.pk).update(last_attempt_at=now, last_status=None, last_error="")
        try:
            secrets, url = secrets_of(call.hook, now), call.hook.url
        except InvalidToken:
            _settle(call, CallState.DEAD, "cannot-be-opened")
            return None
        body = written(call.pk, call.body)
        return Errand(
            call_id=call.pk,
            token=taken.token,
            hook_id=call.hook_id,
            event=call.event,
            attempt=taken.attempt,
            breaker=breaker_name(call.hook.clinic_id, call.hook.host),
            url=url,
            headers=headers(call.pk, body, timestamp=int(now.timestamp()), signed_with=secrets),
            body=body,
            request_id=call.request_id,
        )


def _settle(call: HookCall, state: CallState, why: str) -> None:
    HookCall.objects.filter(pk=call.pk).update(
        state=state, reason=why, attempts=min(call.attempts, MOST_ATTEMPTS), lease_until=None, lease_token=None
    )
