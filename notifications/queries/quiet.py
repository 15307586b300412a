"""Until when somebody is not to be disturbed. Fills a port of appointments, which offers no time in the night."""

import datetime as dt
import uuid
from collections.abc import Collection
from zoneinfo import ZoneInfo

from notifications.models import MessagePolicy
from notifications.rules import quiet
from patients.models import Patient
from providers.models import Clinic


def quiet_until(
    patient_ids: Collection[uuid.UUID], clinic_id: uuid.UUID, at: dt.datetime
) -> dict[uuid.UUID, dt.datetime | None]:
    """Return for each patient when the night ends in which the moment lies, None by day; by the patient's clock.

    A patient without a zone of its own has the clinic's. Three statements for any number of patients.
    """
    clinic_zone = Clinic.objects.values_list("timezone", flat=True).get(pk=clinic_id)
    policy = MessagePolicy.objects.filter(clinic=clinic_id).first() or MessagePolicy()
    zones = dict(Patient.objects.filter(pk__in=patient_ids).values_list("pk", "timezone"))
    ends: dict[str, dt.datetime | None] = {}
    for zone in {zones.get(patient) or clinic_zone for patient in patient_ids}:
        ends[zone] = quiet.quiet_until(at, zone=ZoneInfo(zone), begins=policy.quiet_from, ends=policy.quiet_until)
    return {patient: ends[zones.get(patient) or clinic_zone] for patient in patient_ids}
