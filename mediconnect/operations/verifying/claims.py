"""Claims: each owner has exactly its own, and no two exclusive ones meet."""

from typing import Final

from appointments.models.status import CLAIMING

from .check import PATIENCE, Check, Severity, listed

_CLAIMING: Final = listed(CLAIMING)


def _taken(table: str, *, second: bool = True) -> str:
    """Return the SQL of what the owner in `table` occupies: a row per resource, with its buffers; a group has no second provider."""
    providers = f"{table}.provider_id" + (f", {table}.second_provider_id" if second else "")
    return f"""
        CROSS JOIN LATERAL unnest(ARRAY[{providers}, {table}.room_id, {table}.device_id]) AS taken(resource_id)
        CROSS JOIN LATERAL (SELECT tstzrange(
            {table}.starts_at - make_interval(mins => {table}.buffer_before),
            {table}.ends_at + make_interval(mins => {table}.buffer_after)) AS during) AS occupied
    """


_OF_VISITS: Final = f"""
    SELECT visit.id, taken.resource_id, occupied.during, visit.override_reason = '' AS exclusive
    FROM appointments_appointment AS visit {_taken("visit")}
    WHERE visit.session_id IS NULL AND visit.status IN ({_CLAIMING}) AND taken.resource_id IS NOT NULL
"""  # noqa: S608
_OF_SESSIONS: Final = f"""
    SELECT meeting.id, taken.resource_id, occupied.during, true AS exclusive
    FROM appointments_session AS meeting {_taken("meeting", second=False)}
    WHERE taken.resource_id IS NOT NULL AND EXISTS (
        SELECT FROM appointments_appointment AS seat WHERE seat.session_id = meeting.id AND seat.status IN ({_CLAIMING}))
"""  # noqa: S608
_OF_HOLDS: Final = f"""
    SELECT hold.id, taken.resource_id, occupied.during, true AS exclusive
    FROM appointments_hold AS hold {_taken("hold")}
    WHERE hold.session_id IS NULL AND taken.resource_id IS NOT NULL
"""  # noqa: S608


def _there(owner: str) -> str:
    return f"""
        SELECT {owner}_id AS id, resource_id, during, exclusive FROM appointments_claim WHERE {owner}_id IS NOT NULL
    """  # noqa: S608


def _missing(owned: str, owner: str) -> str:
    """Return the SQL of owners that lack a claim."""
    return f"SELECT DISTINCT id FROM (({owned}) EXCEPT ALL ({_there(owner)})) AS missing"  # noqa: S608


def _surplus(owned: str, owner: str) -> str:
    """Return the SQL of owners that have a claim that is not theirs."""
    return f"SELECT DISTINCT id FROM (({_there(owner)}) EXCEPT ALL ({owned})) AS surplus"  # noqa: S608


CHECKS: Final = (
    Check(
        "no_two_claims_on_one_resource_meet",
        # In order of their beginning, a claim meets an earlier one if it begins before the latest end so far.
        """
        SELECT id FROM (
            SELECT id, lower(during) < max(upper(during)) OVER (
                PARTITION BY resource_id ORDER BY lower(during), id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS meets
            FROM appointments_claim WHERE exclusive) AS claim
        WHERE meets
        """,
    ),
    Check("a_visit_claims_its_provider_room_and_device", _missing(_OF_VISITS, "appointment")),
    Check("a_visit_claims_no_more_than_it_occupies", _surplus(_OF_VISITS, "appointment")),
    Check("a_group_claims_its_time_while_a_seat_is_taken", _missing(_OF_SESSIONS, "session")),
    Check("a_group_claims_nothing_once_it_is_empty", _surplus(_OF_SESSIONS, "session")),
    Check("a_hold_claims_what_it_keeps", _missing(_OF_HOLDS, "hold")),
    Check("no_claim_outlives_its_hold", _surplus(_OF_HOLDS, "hold")),
    Check(
        "every_claim_has_one_owner",
        "SELECT id FROM appointments_claim WHERE num_nonnulls(appointment_id, session_id, hold_id) <> 1",
    ),
    Check(
        "a_claim_expires_with_its_hold",
        """
        SELECT claim.id FROM appointments_claim AS claim LEFT JOIN appointments_hold AS hold ON hold.id = claim.hold_id
        WHERE claim.expires_at IS DISTINCT FROM hold.expires_at
        """,
    ),
    Check(
        "holds_that_ran_out_are_swept_away",
        f"SELECT id FROM appointments_hold WHERE expires_at < statement_timestamp() - {PATIENCE}",  # noqa: S608
        Severity.WARNING,  # it blocks nobody: reads ignore it and bookings drop it; but the sweep seems to stand still
    ),
)
