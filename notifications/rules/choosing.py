"""Which of the reminders that are due are sent, which together, and why not the others: pure, without clock or database."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from appointments.models.status import MOVABLE, Status

from .reasons import Why

AHEAD: Final = dt.timedelta(hours=2)
"""What is due so soon is told along with another visit that is due now, rather than in a message of its own."""

TOGETHER: Final = dt.timedelta(hours=24)
"""Visits that begin within a day of each other are told in one message; more would be a list and no reminder."""


@dataclass(frozen=True, slots=True)
class Planned:
    """A planned reminder and the visit it is for, as both are now."""

    id: uuid.UUID
    visit_id: uuid.UUID
    person: uuid.UUID
    clinic: uuid.UUID
    status: str
    starts_at: dt.datetime
    told_starts_at: dt.datetime
    due_at: dt.datetime


@dataclass(slots=True)
class Choice:
    """Reminders that become a message each: the first of each group gives it its visit; and those that are not sent."""

    groups: list[list[uuid.UUID]] = field(default_factory=list)
    skipped: dict[uuid.UUID, Why] = field(default_factory=dict)


def choose(planned: Iterable[Planned], now: dt.datetime) -> Choice:
    """Return what to do with the reminders that are due; of those due later only the ones told along are in a group.

    Of several overdue steps of a visit the latest is sent. Visits of one person at one clinic that begin within a day of
    each other are told together. Nothing is sent once the visit began, was cancelled or went to another time.
    """
    choice = Choice()
    by_person = defaultdict[tuple[uuid.UUID, uuid.UUID], list[Planned]](list)
    for of_visit in _by_visit(planned):
        step = _step_of(of_visit, now, choice)
        if step is not None:
            by_person[step.person, step.clinic].append(step)
    for steps in by_person.values():
        for group in _together(sorted(steps, key=lambda step: (step.starts_at, step.id))):
            if any(step.due_at <= now for step in group):
                choice.groups.append([step.id for step in group])
    return choice


def why_not(status: str, starts_at: dt.datetime, told_starts_at: dt.datetime, now: dt.datetime) -> Why | None:
    """Return why a visit is not reminded of, None if it is."""
    if status == Status.CANCELLED:
        return Why.VISIT_CANCELLED
    if status not in MOVABLE:
        return Why.VISIT_OVER
    if starts_at != told_starts_at:
        return Why.VISIT_MOVED
    return Why.VISIT_BEGUN if starts_at <= now else None


def _by_visit(planned: Iterable[Planned]) -> Iterable[list[Planned]]:
    found = defaultdict[uuid.UUID, list[Planned]](list)
    for one in planned:
        found[one.visit_id].append(one)
    return found.values()


def _step_of(of_visit: Sequence[Planned], now: dt.datetime, choice: Choice) -> Planned | None:
    """Return the step of a visit that is sent now, or could be told along; note why those before it are not."""
    alive = []
    for step in of_visit:
        why = why_not(step.status, step.starts_at, step.told_starts_at, now)
        if why is None:
            alive.append(step)
        else:
            choice.skipped[step.id] = why
    due = sorted((step for step in alive if step.due_at <= now), key=lambda step: (step.due_at, step.id))
    if not due:
        return min(alive, key=lambda step: (step.due_at, step.id), default=None)
    *before, latest = due
    choice.skipped |= {step.id: Why.OVERTAKEN for step in before}
    return latest


def _together(steps: Sequence[Planned]) -> Iterable[list[Planned]]:
    group: list[Planned] = []
    for step in steps:
        if group and step.starts_at > group[0].starts_at + TOGETHER:
            yield group
            group = []
        group.append(step)
    if group:
        yield group
