"""The visits of a clinic on their way out, between two days."""

import uuid
from collections.abc import Iterator, Mapping, Sequence

from appointments.models import Appointment
from mediconnect.operations.exchange.kinds.kind import Chosen
from patients.models import Registration
from providers.models import Clinic
from providers.rules.clock import start_of_day


def ids(clinic: Clinic, chosen: Chosen) -> list[uuid.UUID]:
    """Return the visits that begin between the days, both included, in order of time."""
    visits = Appointment.objects.filter(clinic=clinic)
    if chosen.first is not None:
        visits = visits.filter(starts_at__gte=start_of_day(chosen.first, clinic.zone))
    if chosen.last is not None:
        visits = visits.filter(
            starts_at__lt=start_of_day(chosen.last.fromordinal(chosen.last.toordinal() + 1), clinic.zone)
        )
    return list(visits.order_by("starts_at", "pk").values_list("pk", flat=True))


def out(clinic: Clinic, wanted: Sequence[uuid.UUID]) -> Iterator[Mapping[str, str]]:
    """Yield a row for each of the visits; two statements."""
    visits = Appointment.objects.filter(clinic=clinic).select_related("patient", "provider", "appointment_type")
    known = visits.in_bulk(wanted)
    people = {visit.patient_id for visit in known.values()}
    numbers = dict(
        Registration.objects.filter(clinic=clinic, patient__in=people).values_list("patient_id", "record_number")
    )
    for key in wanted:
        if key in known:
            yield _row(known[key], clinic, numbers)


def _row(visit: Appointment, clinic: Clinic, numbers: Mapping[uuid.UUID, str]) -> Mapping[str, str]:
    local = visit.starts_at.astimezone(clinic.zone)
    return {
        "id": str(visit.pk),
        "record_number": numbers.get(visit.patient_id, ""),
        "patient": str(visit.patient),
        "type": visit.appointment_type.name,
        "provider": visit.provider.name,
        "date": local.date().isoformat(),
        "time": f"{local:%H:%M}",
        "minutes": str(int((visit.ends_at - visit.starts_at).total_seconds()) // 60),
        "status": visit.status,
        "reason": visit.reason,
    }
