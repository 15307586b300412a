"""The time that is kept for a displaced visit: how long, and the hold that keeps it."""

import datetime as dt
from typing import Final

from appointments.models import Appointment, DisplacedVisit, Hold
from appointments.queries.displacing.search import Found

# An answer comes an hour before the new time at the latest, so that the patient can set out and the desk can still call.
LAST_ANSWER: Final = dt.timedelta(hours=1)

# A yes in the last second still finds the time; whoever comes later is told that it is over, by the row.
_GRACE: Final = dt.timedelta(seconds=60)


def until(starts_at: dt.datetime, answer_hours: int, now: dt.datetime) -> dt.datetime:
    """Return until when a proposed time is held: as long as the clinic says, and an hour before it begins at the latest."""
    return min(now + dt.timedelta(hours=answer_hours), starts_at - LAST_ANSWER)


def hold_for(row: DisplacedVisit, visit: Appointment, found: Found) -> Hold:
    """Return the hold, not saved yet, that keeps a found time for a visit until its row says so and a minute longer."""
    assert row.expires_at is not None  # noqa: S101  # a row with a time says until when
    return Hold(
        clinic_id=visit.clinic_id,
        provider_id=found.provider_id,
        second_provider_id=found.second_provider_id,
        room_id=found.room_id,
        device_id=found.device_id,
        appointment_type_id=visit.appointment_type_id,
        session_id=found.session_id,
        patient_id=visit.patient_id,
        displaced_visit=row,
        starts_at=found.starts_at,
        ends_at=found.ends_at,
        buffer_before=found.buffer_before,
        buffer_after=found.buffer_after,
        expires_at=row.expires_at + _GRACE,
    )


def renewed(hold: Hold, row: DisplacedVisit) -> Hold:
    """Return the same hold, not saved yet, as a new one that ends when the row now says."""
    assert row.expires_at is not None  # noqa: S101  # as above
    fields = {field.attname: getattr(hold, field.attname) for field in Hold._meta.concrete_fields}
    for own in ("id", "created_at", "expires_at"):
        del fields[own]
    return Hold(**fields, expires_at=row.expires_at + _GRACE)
