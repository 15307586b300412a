"""The patients of a clinic on their way out: everything that the same table takes in."""

import uuid
from collections.abc import Iterator, Mapping, Sequence

from django.db.models import Prefetch

from mediconnect.operations.exchange.kinds.kind import Chosen
from patients.models import ContactPoint, ContactSystem, Registration
from patients.services.contacts import preferred
from providers.models import Clinic


def ids(clinic: Clinic, chosen: Chosen) -> list[uuid.UUID]:
    """Return the registrations of those who are still seen, by name."""
    here = Registration.objects.filter(clinic=clinic, patient__active=True)
    return list(here.order_by("patient__family_name", "patient__given_name", "pk").values_list("pk", flat=True))


def out(clinic: Clinic, wanted: Sequence[uuid.UUID]) -> Iterator[Mapping[str, str]]:
    """Yield a row for each of the registrations; two statements."""
    contacts = Prefetch("patient__contact_points", ContactPoint.objects.active().order_by("system", "rank", "id"))
    rows = Registration.objects.filter(clinic=clinic).select_related("patient").prefetch_related(contacts)
    known = rows.in_bulk(wanted)
    for key in wanted:
        if key in known:
            yield _row(known[key])


def _row(registration: Registration) -> Mapping[str, str]:
    patient = registration.patient
    points = list(patient.contact_points.all())
    phone, email = preferred(points, ContactSystem.PHONE), preferred(points, ContactSystem.EMAIL)
    reached = [point for point in (phone, email) if point is not None]
    return {
        "record_number": registration.record_number,
        "given_name": patient.given_name,
        "family_name": patient.family_name,
        "birth_date": str(patient.birth_date or ""),
        "phone": phone.value if phone else "",
        "email": email.value if email else "",
        "messages_allowed": _allowed(reached),
        "language": patient.language,
        "timezone": patient.timezone,
        "notes": patient.notes,
    }


def _allowed(reached: Sequence[ContactPoint]) -> str:
    """Return whether both may be written to; where they differ nothing is said, so that nothing changes on the way back."""
    consents = {point.consent for point in reached}
    return "" if len(consents) != 1 else "yes" if consents.pop() else "no"
