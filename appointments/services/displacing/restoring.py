"""Let displaced visits stay as they were once their time is open again: the absence is withdrawn or shorter, or hours came."""

import uuid
from collections.abc import Collection
from typing import Any, Final

from django.db import connection
from django.db.models.functions import Now

from appointments.locks import lock_appointments, lock_resources, lock_rows_of
from appointments.models import Appointment, DisplacedVisit
from appointments.models.displacement import OPEN
from appointments.models.status import MOVABLE

from .closing import close

State = DisplacedVisit.State

# A visit inside the hours is as it was once openings cover it, with both its providers; one that was put outside them on
# purpose, once nobody is away any more.
_OPEN_AGAIN: Final = """
SELECT visit.id FROM appointments_appointment AS visit
WHERE visit.id = ANY (%(visits)s) AND visit.displaced AND visit.status = ANY (%(movable)s) AND CASE
  WHEN visit.override_reason = '' THEN NOT EXISTS (
    SELECT FROM unnest(ARRAY[visit.provider_id, visit.second_provider_id]) AS needed
    WHERE needed IS NOT NULL AND NOT coalesce((
      SELECT range_agg(open.during) @> visit.during FROM providers_opening AS open
      WHERE open.resource_id = needed AND open.clinic_id = visit.clinic_id AND open.during && visit.during
        AND (open.serves IS NULL OR visit.appointment_type_id = ANY (open.serves))), false))
  ELSE NOT EXISTS (
    SELECT FROM providers_timeoff WHERE resource_id IN (visit.provider_id, visit.second_provider_id) AND NOT cancelled
      AND starts_at < visit.ends_at AND ends_at > visit.starts_at)
    AND NOT EXISTS (
    SELECT FROM providers_closure WHERE clinic_id = visit.clinic_id AND NOT cancelled
      AND starts_at < visit.ends_at AND ends_at > visit.starts_at)
END
"""


def restore_after_absence(
    *, time_off_id: uuid.UUID | None = None, closure_id: uuid.UUID | None = None
) -> list[DisplacedVisit]:
    """Restore the visits that this absence displaced and that are open again; return their rows. Needs a transaction."""
    hit = DisplacedVisit.objects.filter(state__in=OPEN)
    if time_off_id is not None:
        return _restore(hit.filter(displacement__time_off=time_off_id).values_list("appointment_id", flat=True))
    return _restore(hit.filter(displacement__closure=closure_id).values_list("appointment_id", flat=True))


def restore_after_hours(*, resource_id: uuid.UUID, clinic_id: uuid.UUID) -> list[DisplacedVisit]:
    """Restore the displaced visits of the provider at the clinic that are open again; return their rows."""
    theirs = Appointment.objects.filter(clinic=clinic_id, displaced=True, provider=resource_id)
    second = Appointment.objects.filter(clinic=clinic_id, displaced=True, second_provider=resource_id)
    return _restore([*theirs.values_list("pk", flat=True), *second.values_list("pk", flat=True)])


def _restore(visits: Collection[uuid.UUID]) -> list[DisplacedVisit]:
    """Take the mark from those of the visits that are open again; what was held for them is free."""
    if not visits:
        return []
    seen = Appointment.objects.filter(pk__in=list(visits)).values_list("provider_id", "second_provider_id")
    # Nobody closes the time again meanwhile.
    lock_resources({one for pair in seen for one in pair} - {None})
    locked = {visit.pk: visit for visit in lock_appointments(visits)}
    again = _open_again(locked)
    Appointment.objects.filter(pk__in=again).update(displaced=False, updated_at=Now())
    rows = [row for pk in sorted(again) for row in lock_rows_of(locked[pk]) if row.state in OPEN]
    return [close(row, State.RESTORED) for row in rows]


def _open_again(visits: Collection[uuid.UUID]) -> list[uuid.UUID]:
    parameters: dict[str, Any] = {"visits": list(visits), "movable": [str(status) for status in MOVABLE]}
    with connection.cursor() as cursor:
        cursor.execute(_OPEN_AGAIN, parameters)
        return [pk for (pk,) in cursor.fetchall()]
