"""Keep a clinic's webhooks: made, changed, paused, given another secret, removed."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Final, TypedDict

from django.db import transaction
from django.utils import timezone

from mediconnect.errors import Invalid
from notifications.errors import TooManyHooks
from notifications.locks.hooks import lock_hook
from notifications.models import HEARD, CallState, Hook, HookCall, HookStanding, PausedWhy
from notifications.rules.hooks import new_secret
from notifications.services.waking import wake_callers
from providers.errors import ChangedMeanwhile
from providers.locks import lock_clinic

from .addresses import checked_address

MOST_HOOKS: Final = 10
"""Of one clinic. Each event costs a row and a call for each of them."""

BOTH_SECRETS: Final = dt.timedelta(hours=24)
"""For so long after a change of the secret the one before signs as well: a receiver is changed over in working hours."""


class HookValues(TypedDict, total=False):
    """What a clinic says of an address; what is left out stays as it is."""

    name: str
    url: str
    events: Collection[str]


def make_hook(
    *, clinic_id: uuid.UUID, name: str, url: str, events: Collection[str], by_id: uuid.UUID | None
) -> tuple[Hook, str]:
    """Return a new address and its secret, which is shown this once. It is paused until a test is answered.

    Raises `NotFound`, `Invalid` by field, and `TooManyHooks`.
    """
    address, host = checked_address(url)
    wanted, called = _events(events), _name(name)
    with transaction.atomic():
        lock_clinic(clinic_id)
        if Hook.objects.filter(clinic=clinic_id, active=True).count() >= MOST_HOOKS:
            raise TooManyHooks
        secret = new_secret()
        hook = Hook.objects.create(
            clinic_id=clinic_id,
            name=called,
            url=address,
            host=host,
            secret=secret,
            events=wanted,
            paused_at=timezone.now(),
            paused_why=PausedWhy.UNANSWERED,
            created_by_id=by_id,
        )
        HookStanding.objects.create(hook=hook)
    return hook, secret


def change_hook(*, hook_id: uuid.UUID, version: int, values: HookValues) -> Hook:
    """Return the address with these values; what waits for it goes to the new one, and another address is tested anew.

    Raises `NotFound`, `Invalid` by field, and `ChangedMeanwhile`.
    """
    with transaction.atomic():
        hook = _at(lock_hook(hook_id), version)
        if "name" in values:
            hook.name = _name(values["name"])
        if "events" in values:
            hook.events = _events(values["events"])
        if "url" in values and values["url"].strip() != hook.url:
            hook.url, hook.host = checked_address(values["url"])
            hook.paused_at, hook.paused_why = timezone.now(), PausedWhy.UNANSWERED
            HookStanding.objects.filter(hook=hook).update(rests_until=None, failing_since=None)
        hook.save()
    return hook


def pause_hook(*, hook_id: uuid.UUID, version: int) -> Hook:
    """Return the address, to which nothing is sent until it is resumed. Raises `NotFound` and `ChangedMeanwhile`."""
    with transaction.atomic():
        hook = _at(lock_hook(hook_id), version)
        if hook.paused_at is None:
            hook.paused_at, hook.paused_why = timezone.now(), PausedWhy.BY_HAND
            hook.save(update_fields=["paused_at", "paused_why"])
    return hook


def resume_hook(*, hook_id: uuid.UUID, version: int) -> Hook:
    """Return the address, to which what waits is sent from now on. Raises `NotFound` and `ChangedMeanwhile`."""
    with transaction.atomic():
        hook = _at(lock_hook(hook_id), version)
        if hook.paused_at is not None:
            hook.paused_at, hook.paused_why = None, ""
            hook.save(update_fields=["paused_at", "paused_why"])
            HookStanding.objects.filter(hook=hook).update(rests_until=None, failing_since=None)
            wake_callers()
    return hook


def rotate_secret(*, hook_id: uuid.UUID, version: int) -> tuple[Hook, str]:
    """Return the address and its new secret, shown this once; for a day calls bear the signatures of both.

    Raises `NotFound` and `ChangedMeanwhile`.
    """
    with transaction.atomic():
        hook = _at(lock_hook(hook_id), version)
        hook.former_secret, hook.former_until = hook.secret, timezone.now() + BOTH_SECRETS
        hook.secret = new_secret()
        hook.save(update_fields=["secret", "former_secret", "former_until"])
    return hook, hook.secret


def remove_hook(*, hook_id: uuid.UUID, version: int) -> Hook:
    """Return the address, which nothing is sent to any more; what waited for it is discarded. The row stays on record.

    Raises `NotFound` and `ChangedMeanwhile`.
    """
    with transaction.atomic():
        hook = _at(lock_hook(hook_id), version)
        hook.active = False
        hook.save(update_fields=["active"])
        waiting = HookCall.objects.filter(hook=hook, state__in=[CallState.QUEUED, CallState.WAITING, CallState.DEAD])
        waiting.update(state=CallState.DISCARDED, reason="hook-removed")
    return hook


def secrets_of(hook: Hook, now: dt.datetime) -> list[str]:
    """Return the secrets that sign now, the newest first."""
    both = hook.former_secret and hook.former_until is not None and now < hook.former_until
    return [hook.secret, hook.former_secret] if both else [hook.secret]


def _at(hook: Hook, version: int) -> Hook:
    if hook.version != version:
        raise ChangedMeanwhile(hook)
    return hook


def _name(name: str) -> str:
    words = name.strip()
    if not 1 <= len(words) <= 60:
        raise Invalid.field("name", "Give it a name of at most 60 characters.")
    return words


def _events(events: Collection[str]) -> list[str]:
    """Return the events in the order in which they are listed everywhere."""
    wanted = [event.value for event in HEARD if event.value in set(events)]
    if not wanted or len(wanted) != len(set(events)):
        raise Invalid.field("events", "Choose at least one of the events.")
    return wanted
