"""Visits: nobody and nothing is in two places, and each visit lies where it may."""

from typing import Final

from appointments.models.status import ACTIVE, CLAIMING

from .check import Check, listed

_ACTIVE: Final = listed(ACTIVE)
_CLAIMING: Final = listed(CLAIMING)


def _meetings(column: str, visits: str = "appointments_appointment") -> str:
    """Return the SQL of visits that meet an earlier one on the resource in `column`, buffers included.

    `visits` is where the visits are read: a table, or a statement that lists one once for each of its resources.
    A group counts once, as its session. Overrides are exempt by name: staff put them over another visit on purpose, who
    and why stand in the row (rulings.md, 4).
    """
    return f"""
        SELECT id FROM (
            SELECT id, begins < max(finishes) OVER (
                PARTITION BY resource_id ORDER BY begins, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS meets
            FROM (
                SELECT id, {column} AS resource_id, starts_at - make_interval(mins => buffer_before) AS begins,
                       ends_at + make_interval(mins => buffer_after) AS finishes
                FROM {visits}
                WHERE session_id IS NULL AND override_reason = '' AND status IN ({_CLAIMING}) AND {column} IS NOT NULL
                UNION ALL
                SELECT id, {column}, starts_at - make_interval(mins => buffer_before),
                       ends_at + make_interval(mins => buffer_after)
                FROM appointments_session AS meeting
                WHERE {column} IS NOT NULL AND EXISTS (
                    SELECT FROM appointments_appointment AS seat
                    WHERE seat.session_id = meeting.id AND seat.status IN ({_CLAIMING}))
            ) AS occupied) AS visit
        WHERE meets
    """  # noqa: S608 - names of our own columns and statuses


# A visit with two providers is one of each.
_OF_EACH_PROVIDER: Final = """(
    SELECT id, provider_id, clinic_id, appointment_type_id, session_id, override_reason, displaced, status, during,
           starts_at, ends_at, buffer_before, buffer_after
    FROM appointments_appointment
    UNION ALL
    SELECT id, second_provider_id, clinic_id, appointment_type_id, session_id, override_reason, displaced, status, during,
           starts_at, ends_at, buffer_before, buffer_after
    FROM appointments_appointment WHERE second_provider_id IS NOT NULL) AS visit"""

CHECKS: Final = (
    Check("no_two_visits_of_one_provider_overlap", _meetings("provider_id", _OF_EACH_PROVIDER)),
    Check("no_two_visits_in_one_room_overlap", _meetings("room_id")),
    Check("no_two_visits_on_one_device_overlap", _meetings("device_id")),
    Check(
        "a_patient_is_in_one_place",
        # No exception: not even an override puts a person in two places.
        f"""
        SELECT id FROM (
            SELECT id, starts_at < max(ends_at) OVER (
                PARTITION BY patient_id ORDER BY starts_at, id ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS meets
            FROM appointments_appointment WHERE status IN ({_CLAIMING})) AS visit
        WHERE meets
        """,  # noqa: S608
    ),
    Check(
        "a_visit_lies_inside_the_openings",
        # Nearly all lie inside openings that serve every type, which one look at a provider's whole calendar shows; only
        # the rest is asked for one by one. Overrides are exempt by name, and so is what time off displaced: its openings were
        # closed under it, and its row says what is done about that.
        f"""
        WITH calendar AS MATERIALIZED (
            SELECT resource_id, clinic_id, range_agg(during) AS open FROM providers_opening WHERE serves IS NULL
            GROUP BY resource_id, clinic_id
        ), doubtful AS MATERIALIZED (
            SELECT visit.* FROM {_OF_EACH_PROVIDER}
            LEFT JOIN calendar ON calendar.resource_id = visit.provider_id AND calendar.clinic_id = visit.clinic_id
            WHERE visit.status IN ({_ACTIVE}) AND visit.override_reason = '' AND NOT visit.displaced
              AND NOT coalesce(calendar.open @> visit.during, false)
        )
        SELECT DISTINCT id FROM doubtful AS visit WHERE NOT coalesce((
            SELECT range_agg(opening.during) @> visit.during FROM providers_opening AS opening
            WHERE opening.resource_id = visit.provider_id AND opening.clinic_id = visit.clinic_id
              AND opening.during && visit.during
              AND (opening.serves IS NULL OR visit.appointment_type_id = ANY (opening.serves))), false)
        """,  # noqa: S608
    ),
    Check(
        "openings_of_a_resource_are_disjoint",
        """
        SELECT id FROM (
            SELECT id, lower(during) < max(upper(during)) OVER (
                PARTITION BY resource_id, clinic_id ORDER BY lower(during), id
                ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) AS meets
            FROM providers_opening) AS opening
        WHERE meets
        """,
    ),
    Check(
        "an_override_says_who_and_why",
        """
        SELECT id FROM appointments_appointment
        WHERE (override_reason = '') <> (overridden_by_id IS NULL)
        """,
    ),
    Check(
        "a_group_has_no_more_people_than_seats",
        f"""
        SELECT meeting.id FROM appointments_session AS meeting
        JOIN appointments_appointment AS seat ON seat.session_id = meeting.id AND seat.status IN ({_CLAIMING})
        GROUP BY meeting.id, meeting.capacity
        HAVING count(*) > meeting.capacity OR max(seat.seat) > meeting.capacity OR count(DISTINCT seat.seat) < count(*)
        """,  # noqa: S608
    ),
    Check(
        "a_seat_has_the_time_and_place_of_its_group",
        """
        SELECT seat.id FROM appointments_appointment AS seat JOIN appointments_session AS meeting ON meeting.id = seat.session_id
        WHERE (seat.clinic_id, seat.provider_id, seat.appointment_type_id, seat.starts_at, seat.ends_at)
           <> (meeting.clinic_id, meeting.provider_id, meeting.appointment_type_id, meeting.starts_at, meeting.ends_at)
        """,
    ),
    Check(
        "a_visit_is_for_a_patient_of_its_clinic",
        """
        SELECT visit.id FROM appointments_appointment AS visit
        LEFT JOIN patients_registration AS known ON known.patient_id = visit.patient_id AND known.clinic_id = visit.clinic_id
        WHERE known.id IS NULL
        """,
    ),
    Check(
        "a_visit_uses_what_belongs_to_its_clinic",
        """
        SELECT visit.id FROM appointments_appointment AS visit
        LEFT JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id AND kind.clinic_id = visit.clinic_id
        LEFT JOIN providers_practitionerrole AS role ON role.provider_id = visit.provider_id AND role.clinic_id = visit.clinic_id
        LEFT JOIN providers_practitionerrole AS beside
            ON beside.provider_id = visit.second_provider_id AND beside.clinic_id = visit.clinic_id
        LEFT JOIN providers_resource AS room ON room.id = visit.room_id AND room.clinic_id = visit.clinic_id
        LEFT JOIN providers_resource AS device ON device.id = visit.device_id AND device.clinic_id = visit.clinic_id
        WHERE kind.id IS NULL OR role.id IS NULL OR (visit.second_provider_id IS NOT NULL AND beside.id IS NULL)
           OR (visit.room_id IS NOT NULL AND room.id IS NULL) OR (visit.device_id IS NOT NULL AND device.id IS NULL)
        """,
    ),
)
