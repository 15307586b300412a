"""Test an address at once, while somebody waits for the answer."""

import uuid

from django.db import transaction
from django.utils import timezone

from mediconnect.api.errors import RateLimited
from mediconnect.resilience.rate import count
from mediconnect.telemetry.request_id import current_request_id
from notifications.locks.hooks import lock_hook, take_this_call
from notifications.models import HookCall, HookEvent
from notifications.rules.hooks import TYPES

from .carrying import carry
from .claiming import prepare
from .recording import record

PINGS_PER_MINUTE = 10
"""Of one clinic: a button that calls others' machines is no instrument for that."""


def ping_hook(*, hook_id: uuid.UUID) -> HookCall:
    """Send a test and return what became of it, within ten seconds and a half. An address that it resumes is paused no more.

    The same three steps as with any call: written, made with no transaction open, recorded. Not to be called inside of
    a transaction. Raises `NotFound` and `RateLimited`.
    """
    with transaction.atomic():
        hook = lock_hook(hook_id)
        allowed, retry_after = count(f"hook-pings:{hook.clinic_id}", limit=PINGS_PER_MINUTE)
        if not allowed:
            raise RateLimited(retry_after)
        call = HookCall.objects.create(
            hook=hook,
            event=HookEvent.PING,
            body={
                "type": TYPES[HookEvent.PING],
                "occurred_at": timezone.now().isoformat(timespec="seconds"),
                "clinic": str(hook.clinic_id),
            },
            request_id=current_request_id(),
        )
    with transaction.atomic():
        taken = take_this_call(call.pk)
    errand = prepare(taken) if taken else None
    if errand is not None:
        record(errand, carry(errand))
    call.refresh_from_db()
    return call
