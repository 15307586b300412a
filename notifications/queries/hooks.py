"""What is known of webhooks: who hears what, when the next call is due, how an address does."""

import uuid
from typing import Final

from django.db import connection
from django.db.models import Count, Q, QuerySet, Subquery

from appointments.models import Appointment
from mediconnect.records.models import Change
from notifications.models import CallState, Hook, HookCall, HookEvent

_NEXT: Final = """
SELECT extract(epoch FROM least(
    (SELECT min(greatest(oldest.due_at, coalesce(standing.rests_until, oldest.due_at))) FROM notifications_hook AS hook
     LEFT JOIN notifications_hookstanding AS standing ON standing.hook_id = hook.id
     CROSS JOIN LATERAL (
         SELECT due_at FROM notifications_hookcall
         WHERE hook_id = hook.id AND state IN ('queued', 'waiting') ORDER BY due_at, id LIMIT 1
     ) AS oldest
     WHERE hook.active AND hook.paused_at IS NULL),
    (SELECT min(lease_until) FROM notifications_hookcall WHERE state = 'sending')
) - statement_timestamp())
"""


def hearers_of(visit_id: uuid.UUID, event: str) -> list[uuid.UUID]:
    """Return the addresses that hear this event of the visit's clinic, paused ones too. One statement."""
    clinic = Subquery(Appointment.objects.filter(pk=visit_id).values("clinic_id")[:1])
    return list(
        Hook.objects.filter(active=True, clinic_id=clinic, events__contains=[event]).values_list("pk", flat=True)
    )


def step_of(visit_id: uuid.UUID, version: int) -> tuple[str, str]:
    """Return the statuses before and after the change that gave the visit this version; "" where it changed none."""
    change = (
        Change.objects.filter(record_type=Appointment._meta.db_table, record_id=visit_id, version=version)
        .values_list("before__status", "after__status")
        .first()
    )
    before, after = change or ("", "")
    return before or "", after or ""


def seconds_to_next_call() -> float | None:
    """Return in how many seconds a call can be made, 0 if one can now; None if none is planned."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT)
        seconds = cursor.fetchone()[0]
    return None if seconds is None else max(0.0, float(seconds))


def hooks_of(clinic_id: uuid.UUID) -> QuerySet[Hook]:
    """Return the clinic's addresses with how they do, and in `given_up` and `waiting` how many calls stand so.

    A test that was not answered is not given up: there is nothing in it to send again.
    """
    return (
        Hook.objects.filter(clinic=clinic_id, active=True)
        .select_related("standing", "created_by")
        .annotate(
            given_up=Count("calls", filter=Q(calls__state=CallState.DEAD) & ~Q(calls__event=HookEvent.PING)),
            waiting=Count("calls", filter=Q(calls__state__in=[CallState.QUEUED, CallState.WAITING, CallState.SENDING])),
        )
        .order_by("name", "pk")
    )


def calls_of(hook_id: uuid.UUID, state: str = "") -> QuerySet[HookCall]:
    """Return the calls of an address, the newest first; with a state only those."""
    calls = HookCall.objects.filter(hook=hook_id)
    return (calls.filter(state=state) if state else calls).order_by("-created_at", "-id")
