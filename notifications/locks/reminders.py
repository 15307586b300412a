"""Who decides about a reminder: the poller that holds its person, and row locks for the moment of decision."""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from typing import Final

from django.db import connection

from notifications.models import Message, Reminder

Place = tuple[dt.datetime, uuid.UUID]
"""Where a planned reminder stands in the order in which they are due."""

# Only the index is read: what it knows is when and which. Nothing is locked here, so that every poller walks on past what
# others are at work on instead of waiting for it, or of taking a page of locked rows for the end.
DUE: Final = """
SELECT due_at, id FROM notifications_reminder
WHERE state = 'planned' AND due_at <= %(now)s AND (due_at, id) > (%(due_at)s, %(id)s)
ORDER BY due_at, id LIMIT %(limit)s
"""

# One poller at a time decides about a person: two with a step each would tell the same visit twice. Nobody waits: what
# another poller holds is left to it.
_HOLD_PERSONS: Final = """
SELECT person FROM unnest(%(persons)s::uuid[]) AS person
WHERE pg_try_advisory_xact_lock(hashtextextended('reminders of ' || person::text, 0))
"""

# All that is due for the persons held, and what would be due so soon after it that it can be told along.
_OF_PERSONS: Final = """
SELECT reminder.id FROM notifications_reminder AS reminder
JOIN appointments_appointment AS visit ON visit.id = reminder.visit_id
WHERE visit.patient_id = ANY(%(persons)s) AND visit.starts_at > %(now)s - interval '1 day'
  AND reminder.state = 'planned' AND reminder.due_at <= %(until)s
UNION
SELECT id FROM notifications_reminder WHERE id = ANY(%(due)s) AND state = 'planned'
"""

# What a poll decides by. The rest of a visit and its patient is wide, and some of it sealed.
_READ: Final = (
    "visit_version", "visit_starts_at", "lead_minutes", "due_at", "state", "visit__status", "visit__starts_at",
    "visit__clinic_id", "visit__patient_id", "visit__patient__language",
)  # fmt: skip

FIRST: Final[Place] = (dt.datetime(1970, 1, 1, tzinfo=dt.UTC), uuid.UUID(int=0))
"""The place before every reminder."""


def due_page(now: dt.datetime, after: Place, limit: int) -> list[Place]:
    """Return the next so many places (due time and id) of planned reminders that are due, without locking them."""
    with connection.cursor() as cursor:
        cursor.execute(DUE, {"now": now, "due_at": after[0], "id": after[1], "limit": limit})
        places: list[Place] = cursor.fetchall()
    return places


def hold_persons(reminders: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Hold the patients of these reminders until the transaction ends, and return those that nobody else holds."""
    persons = set(Reminder.objects.filter(pk__in=reminders).values_list("visit__patient_id", flat=True))
    with connection.cursor() as cursor:
        cursor.execute(_HOLD_PERSONS, {"persons": sorted(persons)})
        return {person for (person,) in cursor.fetchall()}


def hold_due(
    due: Sequence[uuid.UUID], persons: Collection[uuid.UUID], now: dt.datetime, until: dt.datetime
) -> list[Reminder]:
    """Lock and return the planned reminders that are due for the persons held, and those due until then, with their visits.

    Rows that somebody is changing at this moment are passed by: a move or a cancellation is deciding about them.
    """
    with connection.cursor() as cursor:
        cursor.execute(_OF_PERSONS, {"persons": list(persons), "due": list(due), "now": now, "until": until})
        wanted = [identifier for (identifier,) in cursor.fetchall()]
    rows = Reminder.objects.filter(pk__in=wanted, state=Reminder.State.PLANNED, visit__patient__in=persons)
    rows = rows.select_related("visit__patient").only(*_READ).order_by("due_at", "id")
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True))


def drop_planned(visit_id: uuid.UUID, *, except_version: int | None = None) -> list[Reminder]:
    """Lock and return the planned reminders of a visit, without those of this version."""
    rows = Reminder.objects.filter(visit=visit_id, state=Reminder.State.PLANNED)
    if except_version is not None:
        rows = rows.exclude(visit_version=except_version)
    return list(rows.order_by("due_at", "id").select_for_update(no_key=True))


def hold_planned(visits: Collection[uuid.UUID]) -> None:
    """Lock the planned reminders of these visits, in the order in which a visit's own handler locks them."""
    rows = Reminder.objects.filter(visit__in=visits, state=Reminder.State.PLANNED).order_by("due_at", "id")
    list(rows.select_for_update(no_key=True).values_list("pk"))


def hold_open_messages(visit_id: uuid.UUID) -> list[Message]:
    """Lock and return what is queued about a visit, passing by what a sender holds: it reads the visit again by itself.

    Without those of which nobody knows whether they were accepted: they are settled first.
    """
    rows = Message.objects.filter(
        visit=visit_id, state__in=(Message.State.QUEUED, Message.State.WAITING), in_doubt=False
    )
    rows = rows.defer("recipient", "body", "html").order_by("id")
    return list(rows.select_for_update(of=("self",), no_key=True, skip_locked=True))
