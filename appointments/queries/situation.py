"""Read everything that the rules of booking need, in one statement, while the resources are locked."""

import datetime as dt
import json
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from appointments.models.status import CLAIMING
from appointments.rules.admission import Conflict, Situation
from appointments.rules.terms import Span, Terms

# statement_timestamp() and not now(): the transaction may have waited for its locks, and a hold may have lapsed meanwhile.
# A room or device need only be free, unless it has hours of its own: then those must cover the visit (rulings.md, 6).
# Whoever leaves a group last takes the group's time along, so that a visit never stands in its own way.
SITUATION: Final = """
SELECT statement_timestamp(),
  coalesce((
    SELECT range_agg(during) @> tstzrange(%(start)s, %(end)s) FROM providers_opening
    WHERE resource_id = %(provider)s AND clinic_id = %(clinic)s AND during && tstzrange(%(start)s, %(end)s)
      AND (serves IS NULL OR %(type)s = ANY (serves))), false),
  %(second)s::uuid IS NULL OR coalesce((
    SELECT range_agg(during) @> tstzrange(%(start)s, %(end)s) FROM providers_opening
    WHERE resource_id = %(second)s AND clinic_id = %(clinic)s AND during && tstzrange(%(start)s, %(end)s)
      AND (serves IS NULL OR %(type)s = ANY (serves))), false),
  (SELECT json_agg(json_build_array(resource_id, extract(epoch FROM lower(during)), extract(epoch FROM upper(during)),
                                    extract(epoch FROM expires_at), hold_id, expires_at <= statement_timestamp(), coalesce(
      (SELECT json_build_array(buffer_before, buffer_after) FROM appointments_appointment WHERE id = claim.appointment_id),
      (SELECT json_build_array(buffer_before, buffer_after) FROM appointments_hold WHERE id = claim.hold_id),
      (SELECT json_build_array(buffer_before, buffer_after) FROM appointments_session WHERE id = claim.session_id))))::text
    FROM appointments_claim AS claim
    WHERE resource_id = ANY (%(resources)s) AND lower(during) > %(occupied_from)s::timestamptz - interval '12 hours'
      AND lower(during) < %(occupied_until)s AND upper(during) > %(occupied_from)s
      AND NOT coalesce(appointment_id = %(own)s OR hold_id = %(own_hold)s OR session_id = %(own_session)s, false)
      AND NOT coalesce(session_id = (
        SELECT leaving.session_id FROM appointments_appointment AS leaving
        WHERE leaving.id = %(own)s AND NOT EXISTS (
            SELECT FROM appointments_appointment AS staying
            WHERE staying.session_id = leaving.session_id AND staying.id <> leaving.id
              AND staying.status = ANY (%(claiming)s))), false)),
  ARRAY(
    SELECT thing FROM unnest(%(things)s::uuid[]) AS thing
    WHERE EXISTS (SELECT FROM providers_workinghours WHERE resource_id = thing)
      AND NOT coalesce((SELECT range_agg(during) @> tstzrange(%(start)s, %(end)s) FROM providers_opening
                        WHERE resource_id = thing AND during && tstzrange(%(start)s, %(end)s)), false)),
  (SELECT id FROM appointments_appointment
   WHERE patient_id = %(patient)s AND status = ANY (%(claiming)s) AND during && tstzrange(%(start)s, %(end)s)
     AND id IS DISTINCT FROM %(own)s LIMIT 1),
  CASE WHEN %(daily)s THEN (
    SELECT count(*) FROM appointments_appointment
    WHERE provider_id = %(provider)s AND appointment_type_id = %(type)s AND status = ANY (%(claiming)s)
      AND starts_at >= %(day_from)s AND starts_at < %(day_until)s AND id IS DISTINCT FROM %(own)s) ELSE 0 END,
  CASE WHEN %(by_patient)s THEN (
    SELECT ARRAY[count(*) FILTER (WHERE provider_id = %(provider)s), count(*) FILTER (WHERE appointment_type_id = %(type)s),
                 count(*) FILTER (WHERE clinic_id = %(clinic)s)]
    FROM appointments_appointment
    WHERE patient_id = %(patient)s AND status IN ('booked', 'confirmed')
      AND starts_at > statement_timestamp() AND id IS DISTINCT FROM %(own)s) ELSE ARRAY[0, 0, 0] END
"""

GROUP: Final = """
SELECT session.id,
       ARRAY(SELECT seat FROM appointments_appointment
             WHERE session_id = session.id AND status = ANY (%(claiming)s) AND id IS DISTINCT FROM %(own)s),
       (SELECT count(*) FROM appointments_hold
        WHERE session_id = session.id AND expires_at > statement_timestamp() AND id IS DISTINCT FROM %(own_hold)s)
FROM appointments_session AS session
WHERE provider_id = %(provider)s AND appointment_type_id = %(type)s AND starts_at = %(start)s AND ends_at = %(end)s
"""


@dataclass(frozen=True, slots=True)
class Wish:
    """A visit that somebody would like, and what of it exists already and must not stand in its own way."""

    terms: Terms
    span: Span
    patient_id: uuid.UUID | None
    by_patient: bool
    own_appointment: uuid.UUID | None = None
    own_hold: uuid.UUID | None = None


def situation_of(wish: Wish) -> Situation:
    """Return what the rules need to know about the wish. One statement; a second one for a type that groups patients."""
    parameters = parameters_of(wish)
    with connection.cursor() as cursor:
        group = None
        if wish.terms.is_group:
            cursor.execute(GROUP, parameters)
            group = cursor.fetchone()
            parameters["own_session"] = group[0] if group else None
        cursor.execute(SITUATION, parameters)
        return situation_from(cursor.fetchone(), group)


def parameters_of(wish: Wish) -> dict[str, Any]:
    """Return what both statements ask with; the group's session is to be filled in."""
    terms, span = wish.terms, wish.span
    occupied_from, occupied_until = span.occupied
    day_from, day_until = terms.local_day(span.start)
    return {
        "start": span.start,
        "end": span.end,
        "occupied_from": occupied_from,
        "occupied_until": occupied_until,
        "provider": terms.provider_id,
        "second": terms.second_provider_id,
        "clinic": terms.clinic_id,
        "type": terms.appointment_type_id,
        "resources": terms.resources,
        "things": [*terms.rooms, *terms.devices],
        "patient": wish.patient_id,
        "by_patient": wish.by_patient,
        "claiming": [str(status) for status in CLAIMING],
        "own": wish.own_appointment,
        "own_hold": wish.own_hold,
        "own_session": None,
        "daily": terms.daily_limit is not None,
        "day_from": day_from,
        "day_until": day_until,
    }


def situation_from(row: Sequence[Any], group: Sequence[Any] | None) -> Situation:
    """Return what a row of the first statement says, with that of the second, where there is a group."""
    now, covered, second_covered, claimed, closed, patient_visit, that_day, open_bookings = row
    session_id, seats_taken, seats_held = group or (None, (), 0)
    claims = json.loads(claimed or "[]")
    return Situation(
        now=now,
        open=covered,
        second_open=second_covered,
        conflicts=[_conflict(claim) for claim in sorted(claims, key=lambda claim: claim[1]) if not claim[5]],
        closed_things=frozenset(closed),
        patient_visit=patient_visit,
        visits_that_day=that_day,
        open_bookings=open_bookings[0],
        open_of_type=open_bookings[1],
        open_at_all=open_bookings[2],
        session_id=session_id,
        seats_taken=frozenset(seats_taken),
        seats_held=seats_held,
        lapsed_holds=sorted({uuid.UUID(claim[4]) for claim in claims if claim[5]}),
    )


def _conflict(claim: list[Any]) -> Conflict:
    resource, start, end, held_until, _hold, _lapsed, (before, after) = claim
    return Conflict(
        resource_id=uuid.UUID(resource),
        start=_instant(start),
        end=_instant(end),
        held_until=_instant(held_until) if held_until is not None else None,
        buffer_before=before,
        buffer_after=after,
    )


def _instant(epoch: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch, dt.UTC)
