"""Messages: every visit has its plan, every step is told once or has a reason, and nothing was told that was not so."""

from typing import Final

from appointments.models import Source
from appointments.models.status import MOVABLE
from notifications.models.policy import DEFAULT_STEPS
from notifications.services.planning import REPAIR
from notifications.services.polling import PROGRESS

from .check import PATIENCE, Check, Severity, listed

_MOVABLE: Final = listed(MOVABLE)
_LONGEST: Final = f"""
    greatest({max(DEFAULT_STEPS)}, (SELECT max(minutes) FROM (
        SELECT unnest(reminder_minutes) AS minutes FROM notifications_messagepolicy
        UNION ALL SELECT unnest(reminder_minutes) FROM notifications_typereminders) AS lead))
"""  # noqa: S608

# Due time and the poll each five minutes, once with a full queue and once more for luck.
_POLLED: Final = "interval '1 hour'"


def _begun_after(kinds: str, change: str, restored: str) -> str:
    """Return the SQL of messages whose last attempt began after a `change` of the visit, and before it was `restored`.

    The history is stamped under the visit's row lock, which no beginning attempt passes: an attempt that was begun before
    the change's commit has the earlier time. A message about several visits may have left out the one that changed.
    """
    return f"""
        SELECT message.id FROM notifications_message AS message
        JOIN records_change AS change ON change.record_type = 'appointments_appointment'
            AND change.record_id = message.visit_id AND change.at < message.last_attempt_at AND {change}
        WHERE message.kind IN ({kinds}) AND NOT EXISTS (
                SELECT FROM records_change AS later
                WHERE later.record_type = change.record_type AND later.record_id = change.record_id
                  AND later.id > change.id AND later.at < message.last_attempt_at AND {restored})
          AND NOT EXISTS (
                SELECT FROM notifications_reminder AS other
                WHERE other.message_id IN (message.id, message.instead_of_id) AND other.visit_id <> message.visit_id)
        GROUP BY message.id
    """  # noqa: S608


CHECKS: Final = (
    Check(
        "every_upcoming_visit_has_its_reminders_planned",
        # As far ahead as anybody reminds. What was changed in the last minutes is on its way; what came without a fact is
        # planned by the repair, once it has turned.
        f"""
        SELECT visit.id FROM appointments_appointment AS visit
        LEFT JOIN notifications_messagepolicy AS policy ON policy.clinic_id = visit.clinic_id
        LEFT JOIN notifications_typereminders AS own ON own.appointment_type_id = visit.appointment_type_id
        WHERE visit.status IN ({_MOVABLE}) AND visit.starts_at > statement_timestamp()
          AND visit.starts_at < statement_timestamp() + {_LONGEST} * interval '1 minute'
          AND visit.updated_at < statement_timestamp() - {PATIENCE}
          AND (visit.source <> '{Source.IMPORTED.value}'
               OR visit.updated_at < (SELECT turned_at FROM notifications_progress WHERE name = '{REPAIR}'))
          AND cardinality(coalesce(own.reminder_minutes, policy.reminder_minutes, ARRAY[1])) > 0
          AND NOT EXISTS (
              SELECT FROM notifications_reminder AS reminder
              WHERE reminder.visit_id = visit.id AND reminder.visit_starts_at = visit.starts_at)
        """,  # noqa: S608
    ),
    Check(
        "no_reminder_rests_an_hour_past_its_time",
        f"""
        SELECT id FROM notifications_reminder
        WHERE state = 'planned' AND due_at < statement_timestamp() - {_POLLED} AND NOT EXISTS (
            SELECT FROM notifications_progress
            WHERE name = '{PROGRESS}' AND paused_until > statement_timestamp() - {_POLLED})
        """,  # noqa: S608
    ),
    Check(
        "a_reminder_is_told_to_the_person_of_its_visit",
        """
        SELECT reminder.id FROM notifications_reminder AS reminder
        JOIN appointments_appointment AS visit ON visit.id = reminder.visit_id
        LEFT JOIN notifications_message AS message ON message.id = reminder.message_id
        WHERE reminder.state = 'taken' AND message.patient_id IS DISTINCT FROM visit.patient_id
        """,
    ),
    Check(
        "a_step_of_a_visit_is_told_on_one_channel",
        # On the other one only in place of a message that could not be delivered.
        """
        SELECT visit_id FROM notifications_message
        WHERE visit_id IS NOT NULL AND answers_id IS NULL AND instead_of_id IS NULL
        GROUP BY visit_id, visit_version, kind, lead_minutes, displaced_visit_id, batch_id HAVING count(*) > 1
        """,
    ),
    Check(
        "no_message_about_a_visit_was_begun_after_it_was_cancelled_or_moved",
        _begun_after(
            "'booked', 'moved', 'reminder'",
            """(change.after ->> 'status' = 'cancelled'
                OR (change.after ->> 'starts_at')::timestamptz <> message.visit_starts_at)""",
            """(later.before ->> 'status' = 'cancelled'
                OR (later.after ->> 'starts_at')::timestamptz = message.visit_starts_at)""",
        ),
    ),
    Check(
        "no_cancellation_was_told_after_it_was_undone",
        _begun_after(
            "'cancelled'", "change.before ->> 'status' = 'cancelled'", "later.after ->> 'status' = 'cancelled'"
        ),
    ),
    Check(
        "every_offer_has_its_message_or_the_reason",
        # One that ended within minutes may have done so before its fact was heard: the message is written all the same.
        f"""
        SELECT offer.id FROM appointments_waitlistoffer AS offer
        WHERE offer.made_at < statement_timestamp() - {PATIENCE} AND NOT EXISTS (
            SELECT FROM notifications_message AS message WHERE message.offer_id = offer.id AND message.kind = 'offer')
        """,  # noqa: S608
    ),
    Check(
        "every_proposal_has_its_message_or_the_reason",
        f"""
        SELECT asked.id FROM appointments_displacedvisit AS asked
        JOIN appointments_displacement AS cause ON cause.id = asked.displacement_id
        WHERE asked.state = 'asked' AND cause.sent_at < statement_timestamp() - {PATIENCE} AND NOT EXISTS (
            SELECT FROM notifications_message AS message
            WHERE message.displaced_visit_id = asked.id AND message.kind = 'proposal')
        """,  # noqa: S608
    ),
    Check(
        "no_offer_was_told_after_it_ended",
        # The history is stamped under the offer's row lock, which no beginning attempt passes.
        """
        SELECT message.id FROM notifications_message AS message
        JOIN appointments_waitlistoffer AS offer ON offer.id = message.offer_id
        WHERE message.kind = 'offer' AND (message.last_attempt_at > offer.expires_at OR EXISTS (
            SELECT FROM records_change AS change
            WHERE change.record_type = 'appointments_waitlistoffer' AND change.record_id = offer.id
              AND change.at < message.last_attempt_at AND change.before ->> 'state' = 'offered'))
        """,
    ),
    Check(
        "no_proposal_was_told_after_it_was_settled",
        """
        SELECT message.id FROM notifications_message AS message
        JOIN records_change AS change ON change.record_type = 'appointments_displacedvisit'
            AND change.record_id = message.displaced_visit_id AND change.at < message.last_attempt_at
            AND change.before ->> 'state' = 'asked'
        WHERE message.kind = 'proposal' AND NOT EXISTS (
            SELECT FROM records_change AS later
            WHERE later.record_type = change.record_type AND later.record_id = change.record_id
              AND later.id > change.id AND later.at < message.last_attempt_at AND later.after ->> 'state' = 'asked')
        """,
    ),
    Check(
        "what_is_to_be_sent_does_not_rest",
        # A warning: while a service is away its messages rest by right, and its breaker says so.
        f"""
        SELECT id FROM notifications_message
        WHERE (state IN ('queued', 'waiting') AND due_at < statement_timestamp() - {PATIENCE})
           OR (state = 'sending' AND lease_until < statement_timestamp() - {PATIENCE})
        """,  # noqa: S608
        Severity.WARNING,
    ),
    Check(
        "no_message_that_was_given_up_waits_for_a_day",
        # A warning: it stands on a list that a person reads, and is sent again or discarded there. Once the visit has been
        # it is history.
        """
        SELECT id FROM notifications_message
        WHERE state = 'dead' AND coalesce(last_attempt_at, created_at) < statement_timestamp() - interval '1 day'
          AND (visit_starts_at IS NULL OR visit_starts_at > statement_timestamp())
        """,
        Severity.WARNING,
    ),
)
