"""Webhooks: what is due is on its way, and what is said to be delivered was."""

from typing import Final

from .check import PATIENCE, Check, Severity

CHECKS: Final = (
    Check(
        "every_delivered_webhook_says_when_and_what_was_answered",
        """
        SELECT id FROM notifications_hookcall
        WHERE state = 'delivered' AND (delivered_at IS NULL OR last_status IS NULL OR last_status NOT BETWEEN 200 AND 304)
        """,
    ),
    Check(
        "a_webhook_tells_of_visits_of_its_own_clinic",
        """
        SELECT call.id FROM notifications_hookcall AS call
        JOIN notifications_hook AS hook ON hook.id = call.hook_id
        JOIN appointments_appointment AS visit ON visit.id = call.visit_id
        WHERE visit.clinic_id <> hook.clinic_id
        """,
    ),
    Check(
        "no_webhook_rests_past_its_time",
        # A warning: while a receiver is away its calls rest by right. What is paused waits for a person, and is left out.
        f"""
        SELECT call.id FROM notifications_hookcall AS call
        JOIN notifications_hook AS hook ON hook.id = call.hook_id
        LEFT JOIN notifications_hookstanding AS standing ON standing.hook_id = hook.id
        WHERE (call.state = 'sending' AND call.lease_until < statement_timestamp() - {PATIENCE})
           OR (call.state IN ('queued', 'waiting') AND hook.active AND hook.paused_at IS NULL
               AND call.due_at < statement_timestamp() - {PATIENCE}
               AND coalesce(standing.rests_until, call.due_at) < statement_timestamp() - {PATIENCE})
        """,  # noqa: S608
        Severity.WARNING,
    ),
)
