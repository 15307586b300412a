"""Groups of a time: how many seats are taken, held and free; one statement."""

import datetime as dt
import uuid
from dataclasses import dataclass
from typing import Any, Final

from django.db import connection

from appointments.models.status import CLAIMING

_GROUPS: Final = """
SELECT session.id, session.appointment_type_id, kind.name, session.provider_id, provider.name, coalesce(room.name, ''),
       session.starts_at, session.ends_at, session.capacity,
       (SELECT count(*) FROM appointments_appointment
        WHERE session_id = session.id AND status = ANY (%(claiming)s)),
       (SELECT count(*) FROM appointments_hold WHERE session_id = session.id AND expires_at > statement_timestamp())
FROM appointments_session AS session
JOIN providers_appointmenttype AS kind ON kind.id = session.appointment_type_id
JOIN providers_resource AS provider ON provider.id = session.provider_id
LEFT JOIN providers_resource AS room ON room.id = session.room_id
WHERE session.clinic_id = %(clinic)s AND session.starts_at >= %(start)s AND session.starts_at < %(end)s
  AND (%(provider)s::uuid IS NULL OR session.provider_id = %(provider)s)
  AND (%(type)s::uuid IS NULL OR session.appointment_type_id = %(type)s)
ORDER BY session.starts_at, kind.name, provider.name, session.id
"""


@dataclass(frozen=True, slots=True)
class Group:
    """A group's meeting. `held` are seats kept for somebody for a few minutes, or offered to somebody on the waitlist."""

    id: uuid.UUID
    type_id: uuid.UUID
    type_name: str
    provider_id: uuid.UUID
    provider_name: str
    room_name: str
    start: dt.datetime
    end: dt.datetime
    capacity: int
    taken: int
    held: int

    @property
    def free(self) -> int:
        """Return how many seats somebody could have."""
        return max(0, self.capacity - self.taken - self.held)

    @property
    def meets(self) -> bool:
        """Whether anybody comes: a group that everybody left keeps its row and no time."""
        return self.taken > 0


def groups_of(
    clinic_id: uuid.UUID,
    start: dt.datetime,
    end: dt.datetime,
    *,
    provider_id: uuid.UUID | None = None,
    type_id: uuid.UUID | None = None,
) -> list[Group]:
    """Return the groups of the clinic that begin in this time, in order, empty ones included. One statement."""
    parameters: dict[str, Any] = {
        "clinic": clinic_id,
        "start": start,
        "end": end,
        "provider": provider_id,
        "type": type_id,
        "claiming": [str(status) for status in CLAIMING],
    }
    with connection.cursor() as cursor:
        cursor.execute(_GROUPS, parameters)
        return [Group(*row) for row in cursor.fetchall()]
