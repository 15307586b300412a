"""Turn the reminders that are due into messages, a hundred at a time, whoever else does so at the same moment."""

import datetime as dt
import logging
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import InterfaceError, OperationalError, connection, transaction

from notifications.locks.messages import database_now
from notifications.locks.reminders import FIRST, due_page, hold_due, hold_persons
from notifications.models import Kind, Message, Progress, Reminder
from notifications.rules.choosing import AHEAD, Planned, choose
from notifications.rules.reasons import Why
from notifications.services.telling import Telling
from notifications.services.writing import tell_all

log = logging.getLogger(__name__)

PROGRESS: Final = "reminder poll"

MOST_QUEUED: Final = 5_000
PAUSE: Final = dt.timedelta(seconds=60)
"""With more than this queued the senders are behind, and more would only wait in another place (reliability M-5)."""

_QUEUED: Final = """
SELECT count(*) FROM (
    SELECT FROM notifications_message WHERE state IN ('queued', 'waiting') AND due_at <= statement_timestamp()
    LIMIT %s) AS queued
"""

_TAKE: Final = """
UPDATE notifications_reminder AS reminder
SET state = 'taken', message_id = told.message_id, reason = told.reason, decided_at = %(now)s
FROM unnest(%(ids)s::uuid[], %(messages)s::uuid[], %(reasons)s::text[]) AS told (id, message_id, reason)
WHERE reminder.id = told.id
"""


@dataclass(slots=True)
class Polled:
    """What a poll did, in reminders: `taken` were written as `messages` messages, `skipped` were not, for a reason.

    `broken` of the skipped could not be written. `is_full` says that more may be due at this moment; `paused_until` that
    the queue was too full to go on.
    """

    taken: int = 0
    messages: int = 0
    skipped: int = 0
    broken: int = 0
    last_due_at: dt.datetime | None = None
    paused_until: dt.datetime | None = None
    is_full: bool = False

    @property
    def rows(self) -> int:
        """How many reminders were decided."""
        return self.taken + self.skipped


def poll_reminders(*, limit: int = 1000, per_commit: int = 100, now: dt.datetime | None = None) -> Polled:
    """Decide about the reminders that are due, the longest due first, and return what was done.

    Each poll looks from the beginning, so that a row which an old transaction committed late is found by the next one.
    At most `limit` rows or so, in transactions of `per_commit` rows, so that a poll that dies loses nothing and repeats
    nothing, and its memory does not grow. Any number of polls may run at once. `now` is for tests.
    """
    began, polled, place = time.monotonic(), Polled(), FIRST
    now = now or database_now()
    while polled.rows < limit:
        if _queue_is_full():
            polled.paused_until = now + PAUSE
            break
        with transaction.atomic():
            page = due_page(now, place, per_commit)
            _decide_page([identifier for _, identifier in page], now, polled)
        if len(page) < per_commit:
            break
        place = page[-1]
        polled.last_due_at = place[0]
    else:
        polled.is_full = True
    _note_progress(polled, now, began)
    return polled


def _queue_is_full() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(_QUEUED, [MOST_QUEUED + 1])
        return bool(cursor.fetchone()[0] > MOST_QUEUED)


def _decide_page(due: Sequence[uuid.UUID], now: dt.datetime, polled: Polled) -> None:
    """Decide about these reminders and what belongs to them, in the open transaction."""
    persons = hold_persons(due) if due else set()
    if not persons:
        return
    rows = {row.pk: row for row in hold_due(due, persons, now, now + AHEAD)}
    choice = choose(map(_planned, rows.values()), now)
    groups = [[rows[identifier] for identifier in group] for group in choice.groups]
    for why in set(choice.skipped.values()):
        _skip([identifier for identifier, reason in choice.skipped.items() if reason == why], why, now)
    polled.skipped += len(choice.skipped)
    _write(groups, now, polled)
    decided = [row.due_at for row in rows.values() if row.pk in choice.skipped]
    decided += [row.due_at for group in groups for row in group if row.due_at <= now]
    polled.last_due_at = max(decided, default=polled.last_due_at)


def _planned(row: Reminder) -> Planned:
    visit = row.visit
    return Planned(
        row.pk,
        visit.pk,
        visit.patient_id,
        visit.clinic_id,
        visit.status,
        visit.starts_at,
        row.visit_starts_at,
        row.due_at,
    )


def _write(groups: list[list[Reminder]], now: dt.datetime, polled: Polled) -> None:
    """Write a message for each group; where one cannot be written, the others are, and it is noted as such."""
    if not groups:
        return
    try:
        with transaction.atomic():
            messages = tell_all([_telling(group[0]) for group in groups])
            _take(groups, messages, now)
    except (OperationalError, InterfaceError):
        raise  # the database's trouble and no row's: the next poll finds them as they were
    except Exception as error:  # noqa: BLE001 - whatever one row does must not keep the others from being told
        if len(groups) == 1 and len(groups[0]) == 1:
            _give_up(groups[0][0], error, now, polled)
            return
        parts = (
            [[group] for group in groups] if len(groups) > 1 else [[[row]] for row in groups[0] if row.due_at <= now]
        )
        for part in parts:
            _write(part, now, polled)
    else:
        polled.messages += len(groups)
        polled.taken += sum(map(len, groups))


def _telling(row: Reminder) -> Telling:
    return Telling(visit=row.visit, kind=Kind.REMINDER, version=row.visit_version, lead_minutes=row.lead_minutes)


def _take(groups: list[list[Reminder]], messages: Sequence[Message], now: dt.datetime) -> None:
    """Note for each reminder which message tells it; the first of a group gave the message its visit."""
    taken = [
        (row.pk, message.pk, "" if row is group[0] else Why.JOINED.value)
        for group, message in zip(groups, messages, strict=True)
        for row in group
    ]
    ids, told_by, reasons = map(list, zip(*taken, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(_TAKE, {"ids": ids, "messages": told_by, "reasons": reasons, "now": now})


def _give_up(row: Reminder, error: Exception, now: dt.datetime, polled: Polled) -> None:
    # The class alone: an error's words may quote what was read.
    log.error("reminder %s cannot be written: %s", row.pk, type(error).__name__)
    _skip([row.pk], Why.CANNOT_BE_WRITTEN, now)
    polled.skipped += 1
    polled.broken += 1


def _skip(reminders: Sequence[uuid.UUID], why: Why, now: dt.datetime) -> None:
    Reminder.objects.filter(pk__in=reminders).update(
        state=Reminder.State.SKIPPED, reason=why, message=None, decided_at=now
    )


def _note_progress(polled: Polled, now: dt.datetime, began: float) -> None:
    values = {
        "turned_at": now,
        "rows": polled.rows,
        "milliseconds": round((time.monotonic() - began) * 1000),
        "paused_until": polled.paused_until,
    }
    if polled.last_due_at is not None:
        values["last_processed_at"] = polled.last_due_at
    Progress.objects.update_or_create(name=PROGRESS, defaults=values)
