"""Who acts, from which request and why: told to the database once per transaction, kept with each change."""

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

_SETTINGS = """
SELECT set_config('mediconnect.actor', %s, true),
       set_config('mediconnect.request', %s, true),
       set_config('mediconnect.reason', %s, true)
"""


def declare_actor(*, actor_id: uuid.UUID | None, request_id: str = "", reason: str = "") -> None:
    """Tell the open transaction who acts; the history trigger writes it beside each change.

    Raises `TransactionManagementError` outside a transaction, where the settings would be forgotten at once.
    """
    if not connection.in_atomic_block:
        message = "declare_actor() needs an open transaction."
        raise transaction.TransactionManagementError(message)
    with connection.cursor() as cursor:
        cursor.execute(_SETTINGS, [str(actor_id or ""), request_id, reason])


@contextmanager
def acting(*, actor_id: uuid.UUID | None, request_id: str = "", reason: str = "") -> Iterator[None]:
    """Open a transaction in which each change is recorded as made by this actor (None: the system itself)."""
    with transaction.atomic():
        declare_actor(actor_id=actor_id, request_id=request_id, reason=reason)
        yield
