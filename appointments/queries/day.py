"""A clinic's visits of a few days as a board shows them, and what else keeps people busy: two statements, no models."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final, Literal

from django.db import connection

from appointments.models import Priority
from appointments.models.status import ACTIVE, CLAIMING

# A visit lasts eight hours at most, and a claim twelve: what reaches into a time begins no earlier than that before it.
_VISITS: Final = """
SELECT visit.id, visit.version, visit.status, visit.provider_id, provider.name, visit.room_id, coalesce(room.name, ''),
       visit.appointment_type_id, kind.name, visit.patient_id, patient.given_name, patient.family_name, patient.birth_date,
       visit.starts_at, visit.ends_at, visit.buffer_before, visit.buffer_after, visit.session_id, session.capacity,
       visit.override_reason <> '', visit.arrived_at, visit.roomed_at, visit.started_at, visit.ended_at,
       visit.priority, visit.patient_note <> '' OR visit.internal_note <> '', visit.displaced,
       visit.second_provider_id, coalesce(second.name, '')
FROM appointments_appointment AS visit
JOIN patients_patient AS patient ON patient.id = visit.patient_id
JOIN providers_resource AS provider ON provider.id = visit.provider_id
JOIN providers_appointmenttype AS kind ON kind.id = visit.appointment_type_id
LEFT JOIN providers_resource AS second ON second.id = visit.second_provider_id
LEFT JOIN providers_resource AS room ON room.id = visit.room_id
LEFT JOIN appointments_session AS session ON session.id = visit.session_id
WHERE visit.clinic_id = %(clinic)s AND visit.starts_at > %(start)s::timestamptz - interval '8 hours'
  AND visit.starts_at < %(end)s AND visit.ends_at > %(start)s
  AND (%(providers)s::uuid[] IS NULL OR visit.provider_id = ANY (%(providers)s)
       OR visit.second_provider_id = ANY (%(providers)s))
ORDER BY visit.starts_at, provider.name, visit.id
"""

_BUSY: Final = """
SELECT 'hold', hold.provider_id, hold.room_id, hold.starts_at, hold.ends_at, hold.expires_at, coalesce(holder.display_name, '')
FROM appointments_hold AS hold LEFT JOIN accounts_user AS holder ON holder.id = hold.held_by_id
WHERE hold.clinic_id = %(clinic)s AND hold.expires_at > statement_timestamp()
  AND hold.starts_at < %(end)s AND hold.ends_at > %(start)s
UNION ALL
SELECT 'hold', hold.second_provider_id, NULL, hold.starts_at, hold.ends_at, hold.expires_at, coalesce(holder.display_name, '')
FROM appointments_hold AS hold LEFT JOIN accounts_user AS holder ON holder.id = hold.held_by_id
WHERE hold.clinic_id = %(clinic)s AND hold.expires_at > statement_timestamp() AND hold.second_provider_id IS NOT NULL
  AND hold.starts_at < %(end)s AND hold.ends_at > %(start)s
UNION ALL
SELECT 'elsewhere', claim.resource_id, NULL, lower(claim.during), upper(claim.during), claim.expires_at, ''
FROM appointments_claim AS claim
LEFT JOIN appointments_appointment AS visit ON visit.id = claim.appointment_id
LEFT JOIN appointments_session AS session ON session.id = claim.session_id
LEFT JOIN appointments_hold AS hold ON hold.id = claim.hold_id
WHERE claim.resource_id = ANY (%(things)s) AND lower(claim.during) > %(start)s::timestamptz - interval '12 hours'
  AND lower(claim.during) < %(end)s AND upper(claim.during) > %(start)s
  AND coalesce(visit.clinic_id, session.clinic_id, hold.clinic_id) <> %(clinic)s
  AND (claim.expires_at IS NULL OR claim.expires_at > statement_timestamp())
UNION ALL
SELECT 'away', resource_id, NULL, starts_at, ends_at, NULL, '' FROM providers_timeoff
WHERE resource_id = ANY (%(things)s) AND NOT cancelled AND starts_at < %(end)s AND ends_at > %(start)s
UNION ALL
SELECT 'closed', NULL, NULL, starts_at, ends_at, NULL, reason FROM providers_closure
WHERE clinic_id = %(clinic)s AND NOT cancelled AND starts_at < %(end)s AND ends_at > %(start)s
ORDER BY 4, 5
"""


@dataclass(frozen=True, slots=True)
class VisitOfDay:
    """A visit as a calendar shows it. What is sealed (reason, notes) is not read: `has_note` says that there is some."""

    id: uuid.UUID
    version: int
    status: str
    provider_id: uuid.UUID
    provider_name: str
    room_id: uuid.UUID | None
    room_name: str
    type_id: uuid.UUID
    type_name: str
    patient_id: uuid.UUID
    given_name: str
    family_name: str
    birth_date: dt.date | None
    start: dt.datetime
    end: dt.datetime
    buffer_before: int
    buffer_after: int
    session_id: uuid.UUID | None
    capacity: int | None
    overridden: bool
    arrived_at: dt.datetime | None
    roomed_at: dt.datetime | None
    started_at: dt.datetime | None
    ended_at: dt.datetime | None
    priority: str = Priority.ROUTINE
    has_note: bool = False
    displaced: bool = False
    second_provider_id: uuid.UUID | None = None
    second_provider_name: str = ""

    def is_of(self, provider_id: uuid.UUID) -> bool:
        """Return whether it is in this provider's calendar, as the second one too."""
        return provider_id in {self.provider_id, self.second_provider_id}

    @property
    def urgent(self) -> bool:
        """Whether the patient is to be seen before those who came earlier."""
        return self.priority == Priority.URGENT

    @property
    def name(self) -> str:
        """Return the patient's name as a list has it, family name first."""
        return ", ".join(part for part in (self.family_name, self.given_name) if part)

    @property
    def claims(self) -> bool:
        """Whether it occupies its time: all but cancelled visits and no-shows do."""
        return self.status in CLAIMING

    @property
    def active(self) -> bool:
        """Whether it is still to happen or happening."""
        return self.status in ACTIVE


@dataclass(frozen=True, slots=True)
class Busy:
    """A time taken by something else than a visit of this clinic: a live hold, another clinic's business, leave, a closure.

    A closure is everybody's, so it names no resource. `words` says who holds a time (nobody: a patient is asked about it),
    or why the clinic is closed; why somebody is away is not told.
    """

    kind: Literal["hold", "elsewhere", "away", "closed"]
    resource_id: uuid.UUID | None
    room_id: uuid.UUID | None
    start: dt.datetime
    end: dt.datetime
    until: dt.datetime | None
    words: str

    @property
    def takes(self) -> bool:
        """Whether it takes open time; leave and closures have taken the opening itself."""
        return self.kind in {"hold", "elsewhere"}


def visits_of(
    clinic_id: uuid.UUID, start: dt.datetime, end: dt.datetime, *, providers: Collection[uuid.UUID] | None = None
) -> list[VisitOfDay]:
    """Return the clinic's visits that reach into this time, cancelled ones and no-shows included, in order of time.

    One statement. Who may see them is the caller's to ask; `providers` narrows to some calendars.
    """
    parameters: dict[str, Any] = {
        "clinic": clinic_id,
        "start": start,
        "end": end,
        "providers": None if providers is None else list(providers),
    }
    with connection.cursor() as cursor:
        cursor.execute(_VISITS, parameters)
        return [VisitOfDay(*row) for row in cursor.fetchall()]


def busy_besides(
    clinic_id: uuid.UUID, things: Collection[uuid.UUID], start: dt.datetime, end: dt.datetime
) -> list[Busy]:
    """Return live holds at the clinic, when these people are taken elsewhere or away, and closures; one statement.

    What they do elsewhere is nobody's business here: a time and nothing else.
    """
    with connection.cursor() as cursor:
        cursor.execute(_BUSY, {"clinic": clinic_id, "things": list(things), "start": start, "end": end})
        return [Busy(*row) for row in cursor.fetchall()]
