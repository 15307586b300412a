"""When a visit's reminders are due: pure planning, no clock and no database."""

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Final
from zoneinfo import ZoneInfo

from .quiet import night_at
from .reasons import Why

JUST_TOLD: Final = dt.timedelta(hours=2)
"""Whoever was told of the visit so shortly before needs no reminder of it."""

LEAST_NOTICE: Final = dt.timedelta(minutes=60)
"""A reminder that the night would bring closer to the visit than this is sent the evening before instead."""

EVENING: Final = dt.timedelta(hours=1)
"""How long before the night begins such a reminder is sent."""


@dataclass(frozen=True, slots=True)
class Nights:
    """When a person is not disturbed: from and until, by the clock of the zone."""

    zone: ZoneInfo
    begins: dt.time
    ends: dt.time


@dataclass(frozen=True, slots=True)
class Step:
    """One reminder: how long before the visit, when it is due, and why it is not sent after all, if it is not."""

    lead_minutes: int
    due_at: dt.datetime
    skip: Why | None = None


def steps_before(
    starts_at: dt.datetime, *, leads: Collection[int], nights: Nights, since: dt.datetime, told: bool
) -> tuple[Step, ...]:
    """Return the steps before a visit that has this time since then, the earliest first, all of them, sent or not.

    `leads` are minutes; `told` says that the person heard of the time at `since`, so that a reminder within two hours of
    that would say it twice. A step whose time had passed at `since` is not sent, nor one that the night moves behind a
    later one. Nothing here asks what time it is now: what is overdue is the poll's to judge.
    """
    planned: list[Step] = []
    for lead in sorted(set(leads), reverse=True):
        due_at = due_time(starts_at, lead, nights)
        planned.append(Step(lead, due_at, _against(due_at, since, told=told)))
    return tuple(
        replace(step, skip=Why.OVERTAKEN)
        if step.skip is None and any(later.due_at <= step.due_at for later in planned[place + 1 :])
        else step
        for place, step in enumerate(planned)
    )


def due_time(starts_at: dt.datetime, lead_minutes: int, nights: Nights) -> dt.datetime:
    """Return when a reminder so many minutes before the visit is sent, in UTC: never at night.

    A night puts it off until it ends, or, where that is less than an hour before the visit, back to an hour before it
    began.
    """
    due_at = starts_at.astimezone(dt.UTC) - dt.timedelta(minutes=lead_minutes)
    night = night_at(due_at, zone=nights.zone, begins=nights.begins, ends=nights.ends)
    if night is None:
        return due_at
    begins, ends = night
    return ends if starts_at - ends >= LEAST_NOTICE else begins - EVENING


def _against(due_at: dt.datetime, since: dt.datetime, *, told: bool) -> Why | None:
    if due_at <= since:
        return Why.BOOKED_LATER
    if told and due_at <= since + JUST_TOLD:
        return Why.JUST_TOLD
    return None
