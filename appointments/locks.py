"""The only place that locks: resources by pk, then the patient, then the visit. See docs/locking.md.

The lock forms a queue, so that fifty people after one time wait in line instead of deadlocking on each other's claims
(reliability.md, T20). It never updates the row it locks (T19), and foreign key checks of others pass it by (no_key).
"""

import uuid
from collections.abc import Iterable

from mediconnect.errors import NotFound
from patients.models import Patient
from providers.models import Resource

from .models import Appointment


def lock_resources(resources: Iterable[uuid.UUID]) -> None:
    """Queue for the resources in pk order, whatever order they are named in. Needs an open transaction."""
    wanted = Resource.objects.filter(pk__in=sorted(set(resources)))
    list(wanted.order_by("pk").select_for_update(no_key=True, of=("self",)).values_list("pk"))


def lock_patient(patient_id: uuid.UUID) -> None:
    """Queue for the patient. Raises `NotFound` if there is none, or none that is active."""
    wanted = Patient.objects.filter(pk=patient_id, active=True)
    if not list(wanted.select_for_update(no_key=True, of=("self",)).values_list("pk")):
        raise NotFound("There is no such patient.")


def lock_appointment(appointment_id: uuid.UUID) -> Appointment:
    """Lock the visit and return it as it is now, with its clinic. Raises `NotFound`."""
    wanted = Appointment.objects.select_related("clinic").filter(pk=appointment_id)
    visit = wanted.select_for_update(no_key=True, of=("self",)).first()
    if visit is None:
        raise NotFound
    return visit
