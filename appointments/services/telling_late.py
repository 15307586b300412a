"""Say that a provider runs late: by itself where the clinic wants that, or because the desk says so."""

import uuid
from collections.abc import Iterable, Mapping

from django.db import transaction

from appointments.events import ProviderRunsLate
from appointments.locks import lock_appointment
from appointments.models.status import MOVABLE
from appointments.queries.lateness import Late, late_visits, told_of
from mediconnect.outbox import publish
from mediconnect.resilience.transactions import decide
from mediconnect.telemetry.request_id import current_request_id
from providers.models import Clinic

from .booking import Caller


def tell_late_by_themselves() -> int:
    """Tell, in every clinic with a threshold, whoever will be seen that much later; return to how many visits that was said.

    Each visit at each of its times once: a delay that grows is the desk's to tell.
    """
    clinics = Clinic.objects.filter(active=True, tells_late_from__isnull=False)
    thresholds = {clinic.pk: clinic.tells_late_from or 0 for clinic in clinics.only("tells_late_from")}
    told = 0
    for clinic_id, late in late_visits(list(thresholds)).items() if thresholds else ():
        told += _tell(one for one in late if one.minutes >= thresholds[clinic_id])
    return told


def tell_late(*, clinic_id: uuid.UUID, minutes: Mapping[uuid.UUID, int], caller: Caller) -> int:
    """Tell the patients of these visits of the clinic that they begin so many minutes later; return how many were told.

    Visits that are not ahead any more, and those of another clinic, are passed over.
    """

    def work() -> int:
        told = 0
        for visit_id in sorted(minutes):
            visit = lock_appointment(visit_id)
            if visit.clinic_id == clinic_id and visit.status in MOVABLE:
                publish(ProviderRunsLate(visit.pk, minutes[visit_id]), aggregate_id=visit.pk)
                told += 1
        return told

    return decide(work, actor_id=caller.user_id, request_id=current_request_id())


def _tell(late: Iterable[Late]) -> int:
    late = list(late)
    said = told_of([one.appointment_id for one in late])
    fresh = [one for one in late if one.appointment_id not in said]
    with transaction.atomic():
        for one in fresh:
            publish(ProviderRunsLate(one.appointment_id, one.minutes), aggregate_id=one.appointment_id)
    return len(fresh)
