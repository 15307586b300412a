"""Displaced visits: each has one row that says what is done about it, and what is asked about is held."""

from typing import Final

from appointments.models.displacement import OPEN
from appointments.models.status import MOVABLE

from .check import PATIENCE, Check, listed

_MOVABLE: Final = listed(MOVABLE)
_OPEN: Final = listed(OPEN)

CHECKS: Final = (
    Check(
        "a_displaced_visit_has_one_open_row",
        f"""
        SELECT visit.id FROM appointments_appointment AS visit
        WHERE visit.displaced AND visit.status IN ({_MOVABLE}) AND 1 <> (
            SELECT count(*) FROM appointments_displacedvisit WHERE appointment_id = visit.id AND state IN ({_OPEN}))
        """,  # noqa: S608
    ),
    Check(
        "an_open_row_is_of_a_visit_that_is_displaced",
        f"""
        SELECT open.id FROM appointments_displacedvisit AS open
        JOIN appointments_appointment AS visit ON visit.id = open.appointment_id
        WHERE open.state IN ({_OPEN}) AND NOT (visit.displaced AND visit.status IN ({_MOVABLE}))
        """,  # noqa: S608
    ),
    Check(
        "a_proposed_time_is_held",
        """
        SELECT asked.id FROM appointments_displacedvisit AS asked
        LEFT JOIN appointments_hold AS hold ON hold.displaced_visit_id = asked.id
        WHERE asked.state IN ('proposed', 'asked') AND asked.expires_at > statement_timestamp()
          AND (hold.id IS NULL OR hold.expires_at < asked.expires_at OR hold.provider_id <> asked.proposed_provider_id
               OR (hold.starts_at, hold.ends_at) <> (asked.proposed_starts_at, asked.proposed_ends_at))
        """,
    ),
    Check(
        "nothing_is_held_for_a_visit_that_needs_no_time",
        """
        SELECT hold.id FROM appointments_hold AS hold
        JOIN appointments_displacedvisit AS asked ON asked.id = hold.displaced_visit_id
        WHERE asked.state NOT IN ('proposed', 'asked') AND hold.expires_at > statement_timestamp()
        """,
    ),
    Check(
        "a_proposal_that_ran_out_is_ended",
        f"""
        SELECT id FROM appointments_displacedvisit
        WHERE state IN ('proposed', 'asked')
          AND (expires_at IS NULL OR expires_at < statement_timestamp() - {PATIENCE})
        """,  # noqa: S608
    ),
)
