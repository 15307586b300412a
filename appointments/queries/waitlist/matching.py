"""Who of the waitlist would have a freed time: any number of times against any number of wishes, in one statement.

The statement leaves out whose wish a time cannot meet, and says of all others what keeps them from being asked; the exact
start, and whether it is really to be had, is settled by `offering` under the lock.
"""

import datetime as dt
import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from django.db import connection

from appointments.models import FreedTime
from appointments.models.status import CLAIMING
from appointments.rules.waitlist import Asking, merged, place

# In each type's own order, the first so many: two branches, because an order that is computed would sort the whole list. In a
# CASE, because of many conditions together the planner believes that hardly anybody meets them, and would look at everybody
# and sort; of this it believes that every second does, and reads the line from its index until so many are found. And no
# EXISTS, which it might answer from a hash of all patients.
# A time that crosses midnight is compared by its days alone. Who was offered the time before is not asked for it again. A
# visit with two providers is brought forward by the desk: one freed time is one provider's.
_SUITED: Final = """
WITH freed AS MATERIALIZED (
    SELECT freed.*, meeting.appointment_type_id AS group_type, clinic.timezone,
           freed.starts_at AT TIME ZONE clinic.timezone AS begins, freed.ends_at AT TIME ZONE clinic.timezone AS ends,
           extract(epoch FROM freed.ends_at - freed.starts_at) / 60 AS minutes
    FROM appointments_freedtime AS freed JOIN providers_clinic AS clinic ON clinic.id = freed.clinic_id AND clinic.active
    LEFT JOIN appointments_session AS meeting ON meeting.id = freed.session_id
    WHERE freed.id = ANY (%(freed)s)),
offered AS MATERIALIZED (
    SELECT freed.*, kind.id AS type_id, kind.duration AS usual, coalesce(own.duration, kind.duration) AS lasts,
           coalesce(policy.order, general.order, 'priority') = 'priority' AS by_priority,
           coalesce(general.order, 'priority') = 'priority' AS merged_by_priority,
           freed.begins::date <> freed.ends::date AS overnight,
           ((extract(isodow FROM freed.begins)::int + 6) %% 7) AS first_weekday,
           ((extract(isodow FROM freed.ends)::int + 6) %% 7) AS last_weekday
    FROM freed
    JOIN providers_appointmenttype AS kind ON kind.clinic_id = freed.clinic_id AND kind.active
        AND kind.id = coalesce(freed.group_type, kind.id) AND (%(types)s::uuid[] IS NULL OR kind.id = ANY (%(types)s))
    JOIN providers_practitionerrole AS role
        ON role.clinic_id = freed.clinic_id AND role.provider_id = freed.provider_id AND role.active
    JOIN providers_resource AS provider ON provider.id = role.provider_id AND provider.active
    LEFT JOIN providers_typeoverride AS own ON own.provider_id = freed.provider_id AND own.appointment_type_id = kind.id
    LEFT JOIN appointments_waitlistpolicy AS policy
        ON policy.clinic_id = freed.clinic_id AND policy.appointment_type_id = kind.id
    LEFT JOIN appointments_waitlistpolicy AS general
        ON general.clinic_id = freed.clinic_id AND general.appointment_type_id IS NULL
    WHERE coalesce(own.offered, true) AND coalesce(policy.active, general.active, true)),
suited AS MATERIALIZED (
    SELECT offered.id AS freed_id, offered.provider_id AS with_provider, offered.patient_id AS gave_back,
           offered.by_priority, offered.merged_by_priority, offered.starts_at AS free_from, offered.ends_at AS free_until, offered.lasts,
           offered.usual, wish.*
    FROM offered CROSS JOIN LATERAL (
        (SELECT wish.* FROM appointments_waitlistentry AS wish WHERE offered.by_priority AND {suits}
         ORDER BY wish.priority DESC, wish.joined_at, wish.id LIMIT %(limit)s OFFSET %(offset)s)
        UNION ALL
        (SELECT wish.* FROM appointments_waitlistentry AS wish WHERE NOT offered.by_priority AND {suits}
         ORDER BY wish.joined_at, wish.id LIMIT %(limit)s OFFSET %(offset)s)) AS wish)
SELECT freed_id, merged_by_priority, by_priority, suited.id, suited.patient_id, suited.appointment_type_id, suited.priority, joined_at,
       providers, weekdays, earliest_time, latest_time, from_date, until_date, notice_minutes,
       suited.appointment_id, visit.starts_at,
       CASE WHEN visit.id IS NULL THEN lasts
            WHEN visit.provider_id = with_provider
              OR visit.ends_at - visit.starts_at <> coalesce(there.duration, usual) * interval '1 minute'
            THEN extract(epoch FROM visit.ends_at - visit.starts_at)::int / 60
            ELSE lasts END,
       gave_back IS NOT DISTINCT FROM suited.patient_id,
       EXISTS (SELECT FROM appointments_waitlistentry AS other
               WHERE other.patient_id = suited.patient_id AND other.clinic_id = suited.clinic_id AND other.state = 'offered'),
       ARRAY(SELECT json_build_array(extract(epoch FROM own.starts_at), extract(epoch FROM own.ends_at))
             FROM appointments_appointment AS own
             WHERE own.patient_id = suited.patient_id AND own.starts_at < free_until AND own.ends_at > free_from
               AND own.starts_at > free_from - interval '8 hours' AND own.status = ANY (%(claiming)s)
               AND own.id IS DISTINCT FROM suited.appointment_id)
FROM suited
LEFT JOIN appointments_appointment AS visit ON visit.id = suited.appointment_id
LEFT JOIN providers_typeoverride AS there
    ON there.provider_id = visit.provider_id AND there.appointment_type_id = visit.appointment_type_id
"""
_SUITS: Final = """
    wish.clinic_id = offered.clinic_id AND wish.appointment_type_id = offered.type_id AND wish.state = 'waiting'
    AND CASE WHEN (wish.providers = '{}' OR offered.provider_id = ANY (wish.providers))
    AND wish.from_date <= offered.ends::date AND wish.until_date >= offered.begins::date
    AND (wish.weekdays = '{}' OR offered.first_weekday = ANY (wish.weekdays) OR offered.last_weekday = ANY (wish.weekdays))
    AND (offered.overnight OR ((wish.earliest_time IS NULL OR wish.earliest_time < offered.ends::time)
                           AND (wish.latest_time IS NULL OR wish.latest_time > offered.begins::time)))
    AND (wish.appointment_id IS NOT NULL OR offered.lasts <= offered.minutes)
    AND (wish.appointment_id IS NULL OR (
        SELECT visit.status IN ('booked', 'confirmed') AND visit.second_provider_id IS NULL
        FROM appointments_appointment AS visit WHERE visit.id = wish.appointment_id))
    AND (SELECT person.active FROM patients_patient AS person WHERE person.id = wish.patient_id)
    AND (SELECT before.id FROM appointments_waitlistoffer AS before
         WHERE before.entry_id = wish.id AND before.freed_time_id = offered.id) IS NULL
    THEN true ELSE false END
"""
_MATCHES: Final = _SUITED.replace("{suits}", _SUITS)

_TYPES: Final = """
SELECT DISTINCT wish.appointment_type_id FROM appointments_waitlistentry AS wish
JOIN providers_clinic AS clinic ON clinic.id = wish.clinic_id
WHERE wish.clinic_id = %(clinic)s AND wish.state = 'waiting' AND (wish.providers = '{}' OR %(provider)s = ANY (wish.providers))
  AND wish.until_date >= (%(start)s AT TIME ZONE clinic.timezone)::date
  AND wish.from_date <= (%(end)s AT TIME ZONE clinic.timezone)::date
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody whose wish a freed time may meet, and what is known of it: `minutes` is how long the visit would last.

    `gave_back`: the time is the one that this person gave back. `has_offer`: another wish of theirs, at this clinic, has an
    offer. `visit_start` is when the visit begins that would be brought forward. `busy` are their own visits meanwhile.
    """

    entry_id: uuid.UUID
    patient_id: uuid.UUID
    appointment_type_id: uuid.UUID
    priority: int
    joined_at: dt.datetime
    asking: Asking
    appointment_id: uuid.UUID | None
    visit_start: dt.datetime | None
    minutes: int
    gave_back: bool
    has_offer: bool
    busy: Sequence[tuple[dt.datetime, dt.datetime]]


def matches(
    freed_times: Collection[FreedTime],
    *,
    types: Collection[uuid.UUID] | None = None,
    limit: int = 200,
    offset: int = 0,
) -> dict[uuid.UUID, list[Candidate]]:
    """Return for each of the freed times whose wish it may meet, first who is to be asked first.

    Of each type of visit (or of `types` alone), in the order that the clinic set for it, `limit` wishes after the first
    `offset`. Types whose policy is switched off, and providers who do not offer them, are left out. One statement.
    """
    parameters = {
        "freed": [freed.pk for freed in freed_times],
        "types": list(types) if types is not None else None,
        "limit": limit,
        "offset": offset,
        "claiming": [str(status) for status in CLAIMING],
    }
    lines: dict[uuid.UUID, dict[tuple[uuid.UUID, bool], list[Candidate]]] = {freed.pk: {} for freed in freed_times}
    by_priority: dict[uuid.UUID, bool] = {}
    with connection.cursor() as cursor:
        cursor.execute(_MATCHES, parameters)
        for freed_id, general, own, *row in cursor.fetchall():
            candidate = _candidate(row)
            by_priority[freed_id] = general
            lines[freed_id].setdefault((candidate.appointment_type_id, own), []).append(candidate)
    for of_types in lines.values():
        for (_kind, own), line in of_types.items():
            line.sort(key=partial(place, by_priority=own))
    return {
        freed_id: merged(of_types.values(), by_priority=by_priority.get(freed_id, True))
        for freed_id, of_types in lines.items()
    }


def _candidate(row: Sequence[Any]) -> Candidate:
    entry, patient, kind, priority, joined, providers, weekdays, earliest, latest, since, until, notice, *rest = row
    visit, visit_start, minutes, gave_back, has_offer, busy = rest
    return Candidate(
        entry_id=entry,
        patient_id=patient,
        appointment_type_id=kind,
        priority=priority,
        joined_at=joined,
        asking=Asking(since, until, frozenset(providers), frozenset(weekdays), earliest, latest, notice),
        appointment_id=visit,
        visit_start=visit_start,
        minutes=minutes,
        gave_back=gave_back,
        has_offer=has_offer,
        busy=[(_instant(low), _instant(high)) for low, high in busy],
    )


def _instant(epoch: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(epoch, dt.UTC)


def types_waiting_for(freed: FreedTime) -> list[uuid.UUID]:
    """Return the types of visit for which somebody waits who might have the time, in no particular order."""
    with connection.cursor() as cursor:
        cursor.execute(
            _TYPES,
            {
                "clinic": freed.clinic_id,
                "provider": freed.provider_id,
                "start": freed.starts_at,
                "end": freed.ends_at,
            },
        )
        return [kind for (kind,) in cursor.fetchall()]
