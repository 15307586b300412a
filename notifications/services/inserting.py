"""Write the rows of new messages about visits, each with the first line of its life: one statement for any number."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from django.db import connection

from notifications.models import Message

_COLUMNS: Final = {
    "id": "uuid",
    "kind": "text",
    "channel": "text",
    "language": "text",
    "fact_id": "uuid",
    "clinic_id": "uuid",
    "patient_id": "uuid",
    "visit_id": "uuid",
    "visit_version": "int",
    "visit_starts_at": "timestamptz",
    "lead_minutes": "int",
    "offer_id": "uuid",
    "displaced_visit_id": "uuid",
    "batch_id": "uuid",
    "instead_of_id": "uuid",
    "answers_id": "uuid",
    "state": "text",
    "reason": "text",
    "urgent": "boolean",
    "expires_at": "timestamptz",
    "request_id": "text",
}

# The ORM would name each of 46 columns for each row; a poll of a thousand reminders would spend its second on that. What
# is not named here is empty or the database's default. Recipient and words come when the message is sent.
_INSERT: Final = f"""
WITH written AS (
    INSERT INTO notifications_message ({", ".join(_COLUMNS)}, due_at, recipient, subject, body)
    SELECT {", ".join(_COLUMNS)}, coalesce(due_at, statement_timestamp()), '', '', ''
    FROM unnest({", ".join(f"%({name})s::{kind}[]" for name, kind in _COLUMNS.items())}, %(due_at)s::timestamptz[])
        AS fresh ({", ".join(_COLUMNS)}, due_at)
    RETURNING id, state, reason, due_at)
INSERT INTO notifications_messageevent (message_id, what, detail, until)
SELECT id, CASE state WHEN 'skipped' THEN 'skipped' WHEN 'waiting' THEN 'waited' ELSE 'queued' END, reason,
       CASE state WHEN 'waiting' THEN due_at END
FROM written ORDER BY id
"""  # noqa: S608 - names of our own columns


def insert_messages(messages: Sequence[Message], due: Sequence[dt.datetime | None]) -> None:
    """Write the messages, without words, and say that each is queued, waits or is skipped.

    `due` holds when each is due, None for now by the database's clock. Raises `IntegrityError`.
    """
    if not messages:
        return
    rows = {name: [getattr(message, name) for message in messages] for name in _COLUMNS}
    with connection.cursor() as cursor:
        cursor.execute(_INSERT, rows | {"due_at": list(due)})
