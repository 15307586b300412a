"""What would become of a move of many visits, if it were begun now: one statement, however many they are."""

import datetime as dt
import uuid
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import connection

from appointments.models.status import CLAIMING

Problem = Literal[
    "offered", "hours", "second_hours", "taken", "second_taken", "patient", "room", "device", "seats", "daily_limit",
    "day", "same", "second",
]  # fmt: skip

# What leaves with the batch stands in nobody's way: claims of its visits, and of groups that leave as a whole. The new length
# is that of `moved_minutes`: kept with the same provider, or where it was made by hand.
_FORESEE: Final = """
WITH chosen AS MATERIALIZED (
    SELECT visit.*, kind.room_kind, kind.device_kind, kind.capacity, kind.daily_limit, clinic.timezone,
           coalesce(%(to)s::uuid, visit.provider_id) AS goes_to,
           visit.starts_at + %(shift)s * interval '1 minute' AS begins,
           kind.active AND role.id IS NOT NULL AND coalesce(new.offered, true) AS offered,
           CASE WHEN coalesce(%(to)s::uuid, visit.provider_id) = visit.provider_id
                  OR visit.ends_at - visit.starts_at <> coalesce(old.duration, kind.duration) * interval '1 minute'
                THEN visit.ends_at - visit.starts_at
                ELSE coalesce(new.duration, kind.duration) * interval '1 minute' END AS lasts,
           coalesce(new.buffer_before, kind.buffer_before) * interval '1 minute' AS before,
           coalesce(new.buffer_after, kind.buffer_after) * interval '1 minute' AS after
    FROM appointments_appointment AS visit
    JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id
    JOIN providers_clinic AS clinic ON clinic.id = visit.clinic_id
    LEFT JOIN providers_typeoverride AS old ON old.provider_id = visit.provider_id AND old.appointment_type_id = kind.id
    LEFT JOIN providers_typeoverride AS new
        ON new.provider_id = coalesce(%(to)s::uuid, visit.provider_id) AND new.appointment_type_id = kind.id
    LEFT JOIN providers_practitionerrole AS role
        ON role.provider_id = coalesce(%(to)s::uuid, visit.provider_id) AND role.clinic_id = visit.clinic_id AND role.active
        AND EXISTS (SELECT FROM providers_resource WHERE id = role.provider_id AND active)
    WHERE visit.id = ANY (%(visits)s)
), leaving AS MATERIALIZED (
    SELECT session_id FROM appointments_appointment
    WHERE session_id IN (SELECT session_id FROM chosen) AND status = ANY (%(claiming)s)
    GROUP BY session_id HAVING bool_and(id = ANY (%(visits)s))
), taken AS MATERIALIZED (
    SELECT resource_id, during, session_id FROM appointments_claim
    WHERE lower(during) > (SELECT min(begins) FROM chosen) - interval '14 hours'
      AND lower(during) < (SELECT max(begins) FROM chosen) + interval '12 hours'
      AND (expires_at IS NULL OR expires_at > statement_timestamp())
      AND NOT coalesce(appointment_id = ANY (%(visits)s), false)
      AND NOT coalesce(session_id IN (SELECT session_id FROM leaving), false)
)
SELECT visit.id, visit.patient_id, visit.goes_to, visit.second_provider_id, visit.begins, visit.begins + visit.lasts,
       visit.before, visit.after, visit.appointment_type_id, visit.daily_limit,
       (visit.begins AT TIME ZONE visit.timezone)::date,
       visit.offered, visit.capacity > 1 AND visit.session_id IS NOT NULL,
       (visit.begins AT TIME ZONE visit.timezone)::date <> (visit.starts_at AT TIME ZONE visit.timezone)::date,
       visit.begins = visit.starts_at AND visit.goes_to = visit.provider_id,
       NOT coalesce((
           SELECT range_agg(open.during) @> tstzrange(visit.begins, visit.begins + visit.lasts) FROM providers_opening AS open
           WHERE open.resource_id = visit.goes_to AND open.clinic_id = visit.clinic_id
             AND open.during && tstzrange(visit.begins, visit.begins + visit.lasts)
             AND (open.serves IS NULL OR visit.appointment_type_id = ANY (open.serves))), false),
       visit.second_provider_id IS NOT NULL AND NOT coalesce((
           SELECT range_agg(open.during) @> tstzrange(visit.begins, visit.begins + visit.lasts) FROM providers_opening AS open
           WHERE open.resource_id = visit.second_provider_id AND open.clinic_id = visit.clinic_id
             AND open.during && tstzrange(visit.begins, visit.begins + visit.lasts)
             AND (open.serves IS NULL OR visit.appointment_type_id = ANY (open.serves))), false),
       EXISTS (
           SELECT FROM taken WHERE taken.resource_id = visit.goes_to AND taken.during && around.during
           AND NOT coalesce(taken.session_id = meeting.id, false)),
       EXISTS (SELECT FROM taken WHERE taken.resource_id = visit.second_provider_id AND taken.during && around.during),
       EXISTS (
           SELECT FROM appointments_appointment AS other
           WHERE other.patient_id = visit.patient_id AND other.status = ANY (%(claiming)s)
             AND NOT other.id = ANY (%(visits)s) AND other.during && tstzrange(visit.begins, visit.begins + visit.lasts)),
       visit.room_kind <> '' AND meeting.id IS NULL AND NOT EXISTS (
           SELECT FROM providers_resource AS room
           WHERE room.clinic_id = visit.clinic_id AND room.kind = 'room' AND room.category = visit.room_kind AND room.active
             AND NOT EXISTS (SELECT FROM taken WHERE taken.resource_id = room.id AND taken.during && around.during)),
       visit.device_kind <> '' AND meeting.id IS NULL AND NOT EXISTS (
           SELECT FROM providers_resource AS device
           WHERE device.clinic_id = visit.clinic_id AND device.kind = 'device' AND device.category = visit.device_kind
             AND device.active
             AND NOT EXISTS (SELECT FROM taken WHERE taken.resource_id = device.id AND taken.during && around.during)),
       visit.capacity - coalesce(meeting.taken, 0),
       CASE WHEN visit.daily_limit IS NULL THEN 0 ELSE (
           SELECT count(*) FROM appointments_appointment AS other
           WHERE other.provider_id = visit.goes_to AND other.appointment_type_id = visit.appointment_type_id
             AND other.status = ANY (%(claiming)s) AND NOT other.id = ANY (%(visits)s)
             AND (other.starts_at AT TIME ZONE visit.timezone)::date = (visit.begins AT TIME ZONE visit.timezone)::date
             AND other.starts_at BETWEEN visit.begins - interval '1 day' AND visit.begins + interval '1 day') END
FROM chosen AS visit
CROSS JOIN LATERAL (
    SELECT tstzrange(visit.begins - visit.before, visit.begins + visit.lasts + visit.after) AS during) AS around
LEFT JOIN LATERAL (
    SELECT session.id, (
        SELECT count(*) FROM appointments_appointment AS seat
        WHERE seat.session_id = session.id AND seat.status = ANY (%(claiming)s) AND NOT seat.id = ANY (%(visits)s)) + (
        SELECT count(*) FROM appointments_hold AS hold
        WHERE hold.session_id = session.id AND hold.expires_at > statement_timestamp()) AS taken
    FROM appointments_session AS session
    WHERE visit.capacity > 1 AND session.provider_id = visit.goes_to AND session.appointment_type_id = visit.appointment_type_id
      AND session.starts_at = visit.begins AND session.ends_at = visit.begins + visit.lasts) AS meeting ON true
ORDER BY visit.starts_at, visit.id
"""


@dataclass(frozen=True, slots=True)
class Foreseen:
    """Where a visit would be, and what is in its way; nothing is where it would be moved."""

    visit_id: uuid.UUID
    provider_id: uuid.UUID
    start: dt.datetime
    end: dt.datetime
    problems: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row of the statement, by name."""

    visit_id: uuid.UUID
    patient_id: uuid.UUID
    provider_id: uuid.UUID
    second_id: uuid.UUID | None
    start: dt.datetime
    end: dt.datetime
    before: dt.timedelta
    after: dt.timedelta
    type_id: uuid.UUID
    daily_limit: int | None
    day: dt.date
    offered: bool
    in_group: bool
    other_day: bool
    same: bool
    closed: bool
    second_closed: bool
    taken: bool
    second_taken: bool
    patient_taken: bool
    no_room: bool
    no_device: bool
    seats: int
    that_day: int

    @property
    def occupied(self) -> tuple[dt.datetime, dt.datetime]:
        return self.start - self.before, self.end + self.after

    @property
    def group(self) -> tuple[uuid.UUID, uuid.UUID, dt.datetime] | None:
        return (self.provider_id, self.type_id, self.start) if self.in_group else None


def foresee(
    visits: Collection[uuid.UUID], *, shift_minutes: int | None, to_provider_id: uuid.UUID | None
) -> dict[uuid.UUID, Foreseen]:
    """Return for each of the visits what a batch of moves would do with it, as things are now; none is locked.

    Among themselves they are looked at as well: two that would meet with one provider or patient, and what a group or a day
    takes. Rooms and devices are looked for one by one. What was foreseen binds nobody: each move is judged when its turn comes.
    """
    parameters: dict[str, Any] = {
        "visits": list(visits),
        "shift": shift_minutes or 0,
        "to": to_provider_id,
        "claiming": [str(status) for status in CLAIMING],
    }
    with connection.cursor() as cursor:
        cursor.execute(_FORESEE, parameters)
        rows = [_Row(*row) for row in cursor.fetchall()]
    among = _among(rows)
    return {
        row.visit_id: Foreseen(
            row.visit_id,
            row.provider_id,
            row.start,
            row.end,
            tuple(dict.fromkeys([*_alone(row), *among[row.visit_id]])),
        )
        for row in rows
    }


def _alone(row: _Row) -> Iterable[Problem]:
    """Yield what is in the way of a visit whatever the others do."""
    found: list[tuple[Problem, bool]] = [
        ("same", row.same),
        ("day", row.other_day),
        ("second", row.second_id == row.provider_id),
        ("offered", not row.offered),
        ("hours", row.closed),
        ("second_hours", row.second_closed),
        ("taken", row.taken),
        ("second_taken", row.second_taken),
        ("patient", row.patient_taken),
        ("room", row.no_room),
        ("device", row.no_device),
    ]
    return [problem for problem, is_so in found if is_so]


def _among(rows: Sequence[_Row]) -> dict[uuid.UUID, list[Problem]]:
    """Return what the visits would be to each other: the first of two that meet goes, as in the order of the day."""
    found: dict[uuid.UUID, list[Problem]] = defaultdict(list)
    calendars: dict[uuid.UUID, list[_Row]] = defaultdict(list)
    for row in rows:
        for who in (row.provider_id, row.second_id, row.patient_id):
            if who is not None:
                calendars[who].append(row)
    for who, theirs in calendars.items():
        for row, problem in _meeting(who, theirs):
            found[row.visit_id].append(problem)
    seats: dict[tuple[uuid.UUID, uuid.UUID, dt.datetime], int] = defaultdict(int)
    days: dict[tuple[uuid.UUID, uuid.UUID, dt.date], int] = defaultdict(int)
    for row in rows:
        if row.group is not None:
            seats[row.group] += 1
            if seats[row.group] > row.seats:
                found[row.visit_id].append("seats")
        day = (row.provider_id, row.type_id, row.day)
        days[day] += 1
        if row.daily_limit is not None and row.that_day + days[day] > row.daily_limit:
            found[row.visit_id].append("daily_limit")
    return found


def _meeting(who: uuid.UUID, rows: Sequence[_Row]) -> Iterable[tuple[_Row, Problem]]:
    """Yield those of one person's visits that would meet an earlier one; a patient's without their buffers."""
    last: _Row | None = None
    for row in sorted(rows, key=lambda one: (one.start, one.visit_id)):
        is_patient = who == row.patient_id
        if last is not None and not (row.group is not None and row.group == last.group and not is_patient):
            start, until = (row.start, last.end) if is_patient else (row.occupied[0], last.occupied[1])
            if start < until:
                second: Problem = "second_taken" if who == row.second_id else "taken"
                yield row, "patient" if is_patient else second
        last = row if last is None or row.occupied[1] >= last.occupied[1] else last
