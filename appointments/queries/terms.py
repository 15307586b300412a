"""Read the terms of a booking: type, override, clinic policy and candidate rooms, in one statement."""

import datetime as dt
import uuid
from typing import Any, Final

from django.db import connection

from appointments.errors import GroupLength, NoSecondProvider
from appointments.models import Appointment
from appointments.rules.terms import Terms
from mediconnect.errors import NotFound

# A provider who does not work at the type's clinic, or does not offer the type, is not there as far as booking goes.
_TERMS: Final = """
SELECT kind.clinic_id, role.provider_id, kind.id, clinic.timezone, clinic.phone,
       coalesce(own.duration, kind.duration), coalesce(own.buffer_before, kind.buffer_before),
       coalesce(own.buffer_after, kind.buffer_after), kind.start_grid, kind.bookable_online,
       kind.room_kind <> '', kind.device_kind <> '', kind.daily_limit, kind.capacity,
       coalesce(kind.minimum_notice_minutes, clinic.minimum_notice_minutes), clinic.horizon_days,
       coalesce(kind.cancel_cutoff_hours, clinic.cancel_cutoff_hours), coalesce(kind.move_cutoff_hours, clinic.move_cutoff_hours),
       clinic.hold_minutes, clinic.open_bookings_limit, kind.open_bookings_limit, clinic.open_bookings_total,
       CASE WHEN kind.room_kind = '' THEN NULL ELSE ARRAY(
           SELECT id FROM providers_resource WHERE clinic_id = kind.clinic_id AND kind = 'room'
           AND category = kind.room_kind AND active ORDER BY name, id) END,
       CASE WHEN kind.device_kind = '' THEN NULL ELSE ARRAY(
           SELECT id FROM providers_resource WHERE clinic_id = kind.clinic_id AND kind = 'device'
           AND category = kind.device_kind AND active ORDER BY name, id) END,
       %(second)s::uuid IS NULL OR EXISTS (
           SELECT FROM providers_practitionerrole AS beside JOIN providers_resource AS them ON them.id = beside.provider_id
           WHERE beside.clinic_id = kind.clinic_id AND beside.provider_id = %(second)s AND beside.active AND them.active)
FROM providers_appointmenttype AS kind
JOIN providers_clinic AS clinic ON clinic.id = kind.clinic_id AND clinic.active
JOIN providers_practitionerrole AS role ON role.clinic_id = kind.clinic_id AND role.provider_id = %(provider)s AND role.active
JOIN providers_resource AS provider ON provider.id = role.provider_id AND provider.active
LEFT JOIN providers_typeoverride AS own ON own.provider_id = role.provider_id AND own.appointment_type_id = kind.id
WHERE kind.id = %(appointment_type)s AND kind.active AND coalesce(own.offered, true)
"""

# Asked of the provider whom a visit leaves, who may have stopped working or offering the type since.
_USUAL: Final = """
SELECT coalesce(own.duration, kind.duration) FROM providers_appointmenttype AS kind
LEFT JOIN providers_typeoverride AS own ON own.provider_id = %(provider)s AND own.appointment_type_id = kind.id
WHERE kind.id = %(appointment_type)s
"""


def terms_of(
    *, appointment_type_id: uuid.UUID, provider_id: uuid.UUID, second_provider_id: uuid.UUID | None = None
) -> Terms:
    """Return the terms of this type with this provider, and with a second one where one is named.

    Raises `NotFound` unless both are active, the provider works at the type's clinic and offers the type, and the second
    one works there as well: it is there to help, so that whether it offers the type does not matter. Raises
    `NoSecondProvider` where the two are one, or for a group.
    """
    words = {"appointment_type": appointment_type_id, "provider": provider_id, "second": second_provider_id}
    with connection.cursor() as cursor:
        cursor.execute(_TERMS, words)
        row = cursor.fetchone()
    if row is None:
        raise NotFound("There is no such type of visit with this provider.")
    *plain, rooms, devices, second_is_there = row
    if not second_is_there:
        raise NotFound("There is no such second provider at this clinic.")
    values: list[Any] = [*plain, tuple(rooms or ()), tuple(devices or ()), second_provider_id]
    terms = Terms(*values)
    if second_provider_id is not None and (second_provider_id == provider_id or terms.is_group):
        raise NoSecondProvider
    return terms


def booked_minutes(terms: Terms, minutes: int | None, *, beside_group: bool) -> int:
    """Return how long a new visit lasts: as long as asked for, else as its terms say.

    A seat in a group has the group's length: raises `GroupLength` for another, unless the visit is put `beside_group`
    by an override.
    """
    if terms.is_group and not beside_group and minutes not in {None, terms.duration}:
        raise GroupLength
    return terms.duration if minutes is None else minutes


def moved_minutes(visit: Appointment, terms: Terms, minutes: int | None, *, beside_group: bool) -> int:
    """Return how long a visit lasts once it has moved to these terms.

    As long as asked for. Where nobody asks, it keeps its length with the same provider; with another it keeps one that was
    made by hand, told by its not being what the type and the old provider say now, and takes the new terms' otherwise.
    Groups as in `booked_minutes`.
    """
    if minutes is not None or (terms.is_group and not beside_group):
        return booked_minutes(terms, minutes, beside_group=beside_group)
    own = (visit.ends_at - visit.starts_at) // dt.timedelta(minutes=1)
    if visit.provider_id == terms.provider_id:
        return own
    with connection.cursor() as cursor:
        cursor.execute(_USUAL, {"appointment_type": visit.appointment_type_id, "provider": visit.provider_id})
        (usual,) = cursor.fetchone()
    return terms.duration if own == usual else own
