"""Bring the reminders of visits to come in step with what their clinic sets now."""

import datetime as dt
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils import timezone

from appointments.models import Appointment
from appointments.models.status import MOVABLE
from mediconnect.records.identifiers import uuid7
from notifications.locks.reminders import hold_planned
from notifications.models import Reminder
from notifications.queries.policies import Policies, policies_for
from notifications.queries.times import times_since
from notifications.rules.reasons import Why
from notifications.rules.steps import Step, steps_before
from notifications.services.planning import STILL_HANDLED

_BATCH: Final = 1_000

_READ: Final = (
    "starts_at", "clinic_id", "appointment_type_id", "patient_id", "version", "created_at", "updated_at",
    "clinic__timezone", "patient__timezone",
)  # fmt: skip


# Whole columns at once: twenty thousand rows of one clinic are seconds this way, and a quarter of a minute row by row.
_PUT: Final = """
UPDATE notifications_reminder AS reminder
SET state = 'planned', reason = '', decided_at = NULL, due_at = wanted.due_at
FROM unnest(%s::uuid[], %s::timestamptz[]) AS wanted (id, due_at) WHERE reminder.id = wanted.id
"""
# A handler that plans the same visit at this moment says the same.
_ADD: Final = """
INSERT INTO notifications_reminder (id, visit_id, visit_version, visit_starts_at, lead_minutes, due_at)
SELECT * FROM unnest(%s::uuid[], %s::uuid[], %s::integer[], %s::timestamptz[], %s::integer[], %s::timestamptz[])
ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True, slots=True)
class Replanned:
    """How many reminders come in, are dropped, and get another time."""

    added: int = 0
    dropped: int = 0
    retimed: int = 0

    def __add__(self, other: "Replanned") -> "Replanned":
        return Replanned(self.added + other.added, self.dropped + other.dropped, self.retimed + other.retimed)

    @property
    def changes(self) -> bool:
        """Whether there is anything of it."""
        return bool(self.added or self.dropped or self.retimed)


@dataclass(slots=True)
class _Changes:
    """What is to be done about the reminders of some visits."""

    added: list[tuple[Appointment, Step]] = field(default_factory=list)
    dropped: dict[Why, list[Reminder]] = field(default_factory=dict)
    revived: list[Reminder] = field(default_factory=list)
    retimed: list[Reminder] = field(default_factory=list)

    def drop(self, row: Reminder, why: Why) -> None:
        self.dropped.setdefault(why, []).append(row)

    @property
    def count(self) -> Replanned:
        dropped = sum(map(len, self.dropped.values()))
        return Replanned(len(self.added) + len(self.revived), dropped, len(self.retimed))


def replan(visits: QuerySet[Appointment], *, dry_run: bool = False) -> Replanned:
    """Plan, drop and put off reminders of those of these visits that are still to come; return how many of each.

    All in the open transaction: a plan is never half old and half new. Steps whose time has passed are not added, so that
    no new step is sent at once to everybody; what was sent or skipped for another reason stays as it is. A dry run reads
    and counts alone. A thousand visits are four to seven statements.
    """
    now, total = timezone.now(), Replanned()
    for batch in _batches(visits, now):
        changes = _changes_of(batch, policies_for(batch), _current(batch, lock=not dry_run), now)
        if not dry_run:
            _write(changes, now)
        total += changes.count
    return total


def _batches(visits: QuerySet[Appointment], now: dt.datetime) -> Iterator[list[Appointment]]:
    coming = visits.filter(status__in=MOVABLE).select_related("clinic", "patient").only(*_READ)
    place: tuple[dt.datetime, uuid.UUID] = (now, uuid.UUID(int=0))
    while True:
        later = Q(starts_at__gt=place[0]) | Q(starts_at=place[0], pk__gt=place[1])
        batch = list(coming.filter(later).order_by("starts_at", "pk")[:_BATCH])
        if not batch:
            return
        yield batch
        place = (batch[-1].starts_at, batch[-1].pk)


def _current(batch: Sequence[Appointment], *, lock: bool) -> Mapping[uuid.UUID, dict[int, Reminder]]:
    """Return the reminders of each visit for its present time by lead; `lock` keeps the planned ones as they are."""
    ids = [visit.pk for visit in batch]
    if lock:
        hold_planned(ids)
    starts = {visit.pk: visit.starts_at for visit in batch}
    current: dict[uuid.UUID, dict[int, Reminder]] = {}
    # The latest version goes last and stays: a visit may have come back to a time that it had before.
    for row in Reminder.objects.filter(visit__in=ids).order_by("visit_version"):
        if row.visit_starts_at == starts[row.visit_id]:
            current.setdefault(row.visit_id, {})[row.lead_minutes] = row
    return current


def _changes_of(
    batch: Sequence[Appointment],
    policies: Policies,
    current: Mapping[uuid.UUID, dict[int, Reminder]],
    now: dt.datetime,
) -> _Changes:
    changes = _Changes()
    for visit in batch:
        rows = current.get(visit.pk, {})
        if not rows and visit.updated_at > now - STILL_HANDLED:
            continue
        steps = steps_before(
            visit.starts_at, leads=policies.leads(visit), nights=policies.nights(visit), since=now, told=False
        )
        for step in steps:
            _change(changes, visit, step, rows.get(step.lead_minutes))
        wanted = {step.lead_minutes for step in steps}
        for lead, row in rows.items():
            if lead not in wanted and row.state == Reminder.State.PLANNED:
                changes.drop(row, Why.STEP_DROPPED)
    return changes


def _change(changes: _Changes, visit: Appointment, step: Step, row: Reminder | None) -> None:
    """Note what becomes of one step, of which a row may be there already."""
    if row is None:
        if step.skip is None:
            changes.added.append((visit, step))
    elif row.state == Reminder.State.PLANNED:
        if step.skip == Why.OVERTAKEN:
            changes.drop(row, Why.OVERTAKEN)
        elif row.due_at != step.due_at:
            row.due_at = step.due_at
            changes.retimed.append(row)
    elif row.reason == Why.STEP_DROPPED and step.skip is None:
        row.due_at = step.due_at
        changes.revived.append(row)


def _write(changes: _Changes, now: dt.datetime) -> None:
    for why, rows in changes.dropped.items():
        Reminder.objects.filter(pk__in=[row.pk for row in rows]).update(
            state=Reminder.State.SKIPPED, reason=why, decided_at=now
        )
    put = [*changes.retimed, *changes.revived]
    since = times_since([visit for visit, _ in changes.added])
    new = [
        (uuid7(), visit.pk, since[visit.pk].version, visit.starts_at, step.lead_minutes, step.due_at)
        for visit, step in changes.added
    ]
    with connection.cursor() as cursor:
        if put:
            cursor.execute(_PUT, [[row.pk for row in put], [row.due_at for row in put]])
        if new:
            cursor.execute(_ADD, [list(column) for column in zip(*new, strict=True)])
