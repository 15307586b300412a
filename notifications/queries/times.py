"""Since when visits have their time, who gave it to them, and what people were told of it: read from the history."""

import datetime as dt
import uuid
from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db import connection
from django.utils import timezone

from appointments.models import Appointment, Source
from patients.models import Dependant

_BY_PERSON: Final = ("by link", "by reply")
"""Reasons with which a patient acts who did not sign in (docs/messages.md)."""

# A visit got its time when it was made or moved, and anew when it came back from a cancellation or a no-show.
_SINCE: Final = """
SELECT DISTINCT ON (record_id) record_id, version, at, actor_id, reason FROM records_change
WHERE record_type = 'appointments_appointment' AND record_id = ANY(%(visits)s)
  AND (after ? 'starts_at' OR before ->> 'status' IN ('cancelled', 'no_show'))
ORDER BY record_id, id DESC
"""
_CANCELLED: Final = """
SELECT record_id, version, at, actor_id, reason FROM records_change
WHERE record_type = 'appointments_appointment' AND record_id = ANY(%(visits)s) AND after ->> 'status' = 'cancelled'
ORDER BY id DESC LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class Since:
    """The version and moment at which something became so, and who did it, as far as the history knows."""

    version: int
    at: dt.datetime
    actor_id: uuid.UUID | None = None
    reason: str = ""


def times_since(visits: Collection[Appointment]) -> dict[uuid.UUID, Since]:
    """Return for each visit since when it has its present time."""
    found = _read(_SINCE, [visit.pk for visit in visits])
    return {visit.pk: found.get(visit.pk) or Since(1, visit.created_at) for visit in visits}


def cancelled_since(visit: Appointment) -> Since:
    """Return since when the visit is cancelled; only for one that is."""
    return _read(_CANCELLED, [visit.pk]).get(visit.pk) or Since(visit.version, visit.ended_at or timezone.now())


def by_the_person(visit: Appointment, since: Since) -> bool:
    """Return whether the visit's own person did it, or one who may act for them: by sign-in, link or answer."""
    if since.actor_id is None:
        return since.reason in _BY_PERSON or (since.version == 1 and visit.source == Source.PATIENT)
    if visit.patient.user_id == since.actor_id:
        return True
    rights = Dependant.objects.on(timezone.now().date()).filter(patient=visit.patient_id)
    return rights.filter(guardian__user=since.actor_id).exists()


def _read(statement: str, visits: list[uuid.UUID]) -> dict[uuid.UUID, Since]:
    with connection.cursor() as cursor:
        cursor.execute(statement, {"visits": visits})
        return {visit: Since(*rest) for visit, *rest in cursor.fetchall()}
