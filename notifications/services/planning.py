"""Plan a visit's reminders, take plans back, and repair what has none."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from appointments.models import Appointment, Source
from appointments.models.status import MOVABLE
from notifications.locks.reminders import drop_planned
from notifications.models import Progress, Reminder
from notifications.queries.policies import Policies, longest_lead, policies_for
from notifications.queries.times import times_since
from notifications.rules.reasons import Why
from notifications.rules.steps import steps_before

REPAIR: Final = "visits without a plan"
"""The repair's name in `Progress`: there, `turned_at` is when it last found that nothing was left."""

_BATCH: Final = 200

STILL_HANDLED: Final = dt.timedelta(minutes=10)
"""A visit without a plan that was changed more recently is its own handler's to plan: another would only race with that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A visit, the version and moment with which it got its time, and whether its person was told of that then."""

    visit: Appointment
    version: int
    since: dt.datetime
    told: bool = True


def plan_reminders(*, visit: Appointment, version: int, since: dt.datetime, told: bool = True) -> list[Reminder]:
    """Write the steps before the visit's present time, in the open transaction; those that are there already stay.

    `since` is when it got that time, by booking or moving. Steps that will not be sent are written with the reason.
    """
    return plan_all([Plan(visit=visit, version=version, since=since, told=told)])


def plan_all(plans: Sequence[Plan]) -> list[Reminder]:
    """Write the steps of so many visits in three statements; see `plan_reminders`. Reads `patient` and `clinic` of each."""
    policies = policies_for(plan.visit for plan in plans)
    now = timezone.now()
    rows = [row for plan in plans for row in _rows(plan, policies, now)]
    # One that is there already was written by a handler that ran before, or by the repair: it says the same.
    return Reminder.objects.bulk_create(rows, ignore_conflicts=True)


def drop_reminders(*, visit_id: uuid.UUID, why: Why, except_version: int | None = None) -> int:
    """Skip what is planned for the visit, for this reason, in the open transaction; return how many reminders that were.

    `except_version` keeps the plan for the time that the visit got with it.
    """
    dropped = drop_planned(visit_id, except_version=except_version)
    return Reminder.objects.filter(pk__in=[row.pk for row in dropped]).update(
        state=Reminder.State.SKIPPED, reason=why, decided_at=timezone.now()
    )


def plan_missing(limit: int = 1000) -> int:
    """Plan upcoming visits that have no plan for their present time: imports, loads, lost facts. Return how many.

    Looks as far ahead as anybody reminds, the soonest visits first, in transactions of 200 visits each, and plans `limit`
    visits at most. Of a visit that nobody was told about, steps since it was written are due; those before are not sent.
    """
    now, planned = timezone.now(), 0
    place = (now, uuid.UUID(int=0))
    until = now + dt.timedelta(minutes=longest_lead())
    while planned < limit:
        with transaction.atomic():
            found = _without_plan(place, until, now, min(_BATCH, limit - planned))
            if not found:
                Progress.objects.update_or_create(name=REPAIR, defaults={"turned_at": now, "rows": planned})
                break
            since = times_since(found)
            plan_all(
                [
                    Plan(visit=visit, version=since[visit.pk].version, since=since[visit.pk].at, told=_was_told(visit))
                    for visit in found
                ]
            )
        place, planned = (found[-1].starts_at, found[-1].pk), planned + len(found)
    return planned


def _was_told(visit: Appointment) -> bool:
    return visit.source != Source.IMPORTED


def _without_plan(
    place: tuple[dt.datetime, uuid.UUID], until: dt.datetime, now: dt.datetime, limit: int
) -> list[Appointment]:
    """Return the next visits that nothing is planned for. Those whose clinic reminds of nothing are passed over."""
    plans = Reminder.objects.filter(visit=OuterRef("pk"), visit_starts_at=OuterRef("starts_at"))
    visits = (
        Appointment.objects.filter(status__in=MOVABLE, starts_at__range=(place[0], until))
        .filter(Q(starts_at__gt=place[0]) | Q(pk__gt=place[1]))
        .filter(Q(source=Source.IMPORTED) | Q(updated_at__lt=now - STILL_HANDLED))
        .filter(~Exists(plans))
        .exclude(Q(appointment_type__type_reminders__reminder_minutes=[]))
        .exclude(Q(clinic__message_policy__reminder_minutes=[]) & Q(appointment_type__type_reminders=None))
    )
    visits = visits.select_related("clinic", "patient").defer(
        "reason", "patient_note", "internal_note", "patient__notes"
    )
    return list(visits.order_by("starts_at", "pk")[:limit])


def _rows(plan: Plan, policies: Policies, now: dt.datetime) -> list[Reminder]:
    visit = plan.visit
    steps = steps_before(
        visit.starts_at,
        leads=policies.leads(visit),
        nights=policies.nights(visit),
        since=plan.since,
        told=plan.told,
    )
    return [
        Reminder(
            visit=visit,
            visit_version=plan.version,
            visit_starts_at=visit.starts_at,
            lead_minutes=step.lead_minutes,
            due_at=step.due_at,
            state=Reminder.State.SKIPPED if step.skip else Reminder.State.PLANNED,
            reason=step.skip or "",
            decided_at=now if step.skip else None,
        )
        for step in steps
    ]
