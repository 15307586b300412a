"""Who could see somebody that came without an appointment: the providers of a type, and who of them is least taken now."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Final

from django.db import connection

from appointments.models import Appointment
from appointments.models.status import CLAIMING

# Whoever is there comes before whoever is not, then whoever is free soonest of what runs at the moment.
_PROVIDERS: Final = """
SELECT role.provider_id
FROM providers_appointmenttype AS kind
JOIN providers_clinic AS clinic ON clinic.id = kind.clinic_id AND clinic.active
JOIN providers_practitionerrole AS role ON role.clinic_id = kind.clinic_id AND role.active
JOIN providers_resource AS provider ON provider.id = role.provider_id AND provider.active
LEFT JOIN providers_typeoverride AS own ON own.provider_id = role.provider_id AND own.appointment_type_id = kind.id
LEFT JOIN LATERAL (
    SELECT true AS now FROM providers_opening
    WHERE resource_id = role.provider_id AND clinic_id = kind.clinic_id AND during @> %(at)s::timestamptz
      AND (serves IS NULL OR kind.id = ANY (serves)) LIMIT 1) AS there ON true
LEFT JOIN LATERAL (
    SELECT max(upper(during)) AS until FROM appointments_claim
    WHERE resource_id = role.provider_id AND lower(during) > %(at)s::timestamptz - interval '12 hours'
      AND lower(during) <= %(at)s AND upper(during) > %(at)s
      AND (expires_at IS NULL OR expires_at > statement_timestamp())) AS busy ON true
WHERE kind.id = %(type)s AND kind.active AND coalesce(own.offered, true)
ORDER BY there.now IS NULL, coalesce(busy.until, %(at)s), provider.name, provider.id
"""


def attending(appointment_type_id: uuid.UUID, at: dt.datetime) -> list[uuid.UUID]:
    """Return the providers who offer the type, first those who are there at that moment, of them the one free soonest.

    One statement; empty where nobody offers it, or there is no such type.
    """
    with connection.cursor() as cursor:
        cursor.execute(_PROVIDERS, {"type": appointment_type_id, "at": at})
        return [provider for (provider,) in cursor.fetchall()]


def taken_by(
    patient_id: uuid.UUID, start: dt.datetime, end: dt.datetime, *, besides: Collection[uuid.UUID] = ()
) -> list[tuple[dt.datetime, dt.datetime]]:
    """Return when the patient has visits between the instants, in order; some, which are about to go, left out."""
    visits = Appointment.objects.filter(
        patient=patient_id, status__in=CLAIMING, starts_at__lt=end, ends_at__gt=start
    ).order_by("starts_at")
    if besides:
        visits = visits.exclude(pk__in=besides)
    return list(visits.values_list("starts_at", "ends_at"))
