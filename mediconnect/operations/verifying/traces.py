"""What was written down beside the visits: history, facts and stored answers, and the guards that see to it."""

from typing import Final

from django.apps import apps

from appointments.models import Source
from mediconnect.records.models import VersionedModel

from .check import PATIENCE, Check, listed


def versioned_tables() -> list[str]:
    """Return the tables whose rows carry a version and whose changes are kept, in alphabetical order."""
    return sorted(
        {
            model._meta.db_table
            for model in apps.get_models()
            if issubclass(model, VersionedModel)
            and any(trigger.name == "changes_are_kept" for trigger in getattr(model._meta, "triggers", ()))
        }
    )


def _ahead() -> str:
    """Return the SQL of records whose history speaks of a version that they have not reached."""
    current = " UNION ALL ".join(f"SELECT id, version FROM {table}" for table in versioned_tables())  # noqa: S608
    return f"""
        SELECT kept.record_id FROM (
            SELECT record_id, max(version) AS version FROM records_change
            WHERE record_type IN ({listed(versioned_tables())}) GROUP BY record_id) AS kept
        LEFT JOIN ({current}) AS record ON record.id = kept.record_id
        WHERE record.version IS NULL OR record.version < kept.version
    """  # noqa: S608


# A visit that another system's file or a load test brought along was never booked here, so nothing was said.
_IMPORTED: Final = Source.IMPORTED.value


def checks() -> tuple[Check, ...]:
    """Return the checks; a function, since the tables are known once Django's apps are."""
    return (
        Check(
            "every_visit_has_a_history_that_ends_where_it_stands",
            """
            SELECT visit.id FROM appointments_appointment AS visit LEFT JOIN (
                SELECT record_id, count(*) FILTER (WHERE operation = 'insert' AND version = 1) AS beginnings,
                       (array_agg(after ->> 'status' ORDER BY id DESC) FILTER (WHERE after ? 'status'))[1] AS status,
                       (array_agg(after ->> 'starts_at' ORDER BY id DESC) FILTER (WHERE after ? 'starts_at'))[1] AS starts_at,
                       (array_agg(after ->> 'provider_id' ORDER BY id DESC) FILTER (WHERE after ? 'provider_id'))[1] AS provider_id
                FROM records_change WHERE record_type = 'appointments_appointment' GROUP BY record_id) AS kept
            ON kept.record_id = visit.id
            WHERE kept.record_id IS NULL OR kept.beginnings <> 1 OR kept.status <> visit.status
               OR kept.starts_at::timestamptz <> visit.starts_at OR kept.provider_id::uuid <> visit.provider_id
            """,
        ),
        Check(
            "versions_rise_in_every_history",
            # A stamp that changes nothing else raises the version and leaves no row, so a gap is no fault; a version
            # that repeats or falls is.
            """
            SELECT record_id FROM (
                SELECT record_id, version, operation,
                       lag(version) OVER (PARTITION BY record_type, record_id ORDER BY id) AS previous
                FROM records_change WHERE version IS NOT NULL) AS change
            WHERE (operation = 'update' AND version <= previous) OR (operation = 'insert' AND version <> 1)
            """,
        ),
        Check("no_history_runs_ahead_of_its_record", _ahead()),
        Check(
            "a_booking_is_said_once",
            f"""
            SELECT visit.id FROM appointments_appointment AS visit LEFT JOIN (
                SELECT aggregate_id, count(*) AS said FROM outbox_fact WHERE name = 'appointments.AppointmentBooked'
                GROUP BY aggregate_id) AS fact ON fact.aggregate_id = visit.id
            WHERE visit.source <> '{_IMPORTED}' AND coalesce(fact.said, 0) <> 1
            """,  # noqa: S608
        ),
        Check(
            "no_booking_is_said_that_never_was",
            """
            SELECT fact.id FROM outbox_fact AS fact LEFT JOIN appointments_appointment AS visit ON visit.id = fact.aggregate_id
            WHERE fact.name LIKE 'appointments.Appointment%' AND visit.id IS NULL
            """,
        ),
        Check(
            "a_cancellation_is_said",
            f"""
            SELECT id FROM appointments_appointment AS visit
            WHERE status = 'cancelled' AND source <> '{_IMPORTED}' AND NOT EXISTS (
                SELECT FROM outbox_fact WHERE aggregate_id = visit.id AND name = 'appointments.AppointmentCancelled')
            """,  # noqa: S608
        ),
        Check(
            "every_fact_is_delivered_within_minutes",
            f"""
            SELECT delivery.id FROM outbox_delivery AS delivery JOIN outbox_fact AS fact ON fact.id = delivery.fact_id
            WHERE delivery.state = 'pending'
              AND greatest(fact.created_at, delivery.requeued_at, CASE WHEN delivery.attempts = 0 THEN delivery.due_at END)
                < statement_timestamp() - {PATIENCE} -- a fact may be told later than it was written
            """,  # noqa: S608
        ),
        Check("no_delivery_is_given_up", "SELECT id FROM outbox_delivery WHERE state = 'dead'"),
        Check(
            "a_stored_answer_speaks_of_a_visit_that_exists",
            """
            SELECT answer.id FROM idempotency_idempotencyrecord AS answer
            LEFT JOIN appointments_appointment AS visit ON visit.id = answer.resource_id
            WHERE answer.headers ->> 'Location' LIKE '%/appointments/%' AND visit.id IS NULL
            """,
        ),
        Check(
            "a_key_has_one_effect",
            """
            SELECT resource_id FROM idempotency_idempotencyrecord
            WHERE status_code = 201 AND headers ->> 'Location' LIKE '%/appointments/%'
            GROUP BY resource_id HAVING count(*) > 1
            """,
        ),
        Check(
            "every_guard_is_at_its_post",
            # A trigger switched off, a constraint not enforced on old rows, or one of the referees gone.
            f"""
            SELECT tgrelid::regclass || '.' || tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'O'
            UNION ALL
            SELECT conrelid::regclass || '.' || conname FROM pg_constraint WHERE NOT convalidated AND conrelid <> 0
            UNION ALL
            SELECT name FROM unnest(ARRAY[{listed(_REFEREES)}]) AS name
            WHERE name NOT IN (SELECT conname FROM pg_constraint WHERE convalidated)
              AND name NOT IN (SELECT relname FROM pg_class WHERE relkind = 'i')
            UNION ALL
            SELECT name FROM unnest(ARRAY[{listed(_GUARDS)}]) AS name
            WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE NOT tgisinternal AND position(name IN tgname) > 0)
            """,  # noqa: S608
        ),
    )


# Constraints and triggers without which a time could be sold twice; the migrations bring them, and nothing takes them away.
_REFEREES: Final = (
    "a_resource_is_claimed_once",
    "a_claim_has_one_owner",
    "a_patient_is_in_one_place",
    "a_seat_is_taken_once",
    "a_visit_is_booked_once",
    "a_visit_is_for_a_patient_of_its_clinic",
    "a_seat_is_in_a_session_of_its_time",
    "openings_of_a_resource_are_disjoint",
    "a_key_is_answered_once",
    "a_listener_hears_a_fact_once",
)
_GUARDS: Final = (
    "visits_claim_their_time",
    "a_visit_lies_inside_the_openings",
    "a_status_takes_a_known_step",
    "a_visit_is_never_deleted",
    "a_hold_claims_its_time",
    "openings_cover_their_visits",
    "a_change_is_never_rewritten",
    "version_rises",
    "changes_are_kept",
)
