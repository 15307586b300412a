"""The hours of a clinic's providers on their way out."""

import uuid
from collections.abc import Iterator, Mapping, Sequence

from mediconnect.operations.exchange.kinds.kind import Chosen
from providers.models import AppointmentType, Clinic, PractitionerRole, ResourceKind, WorkingHours
from providers.models.hours import Weekday


def ids(clinic: Clinic, chosen: Chosen) -> list[uuid.UUID]:
    """Return the hours of those who work here, past ones included, by provider and day."""
    working = PractitionerRole.objects.filter(clinic=clinic, active=True).values("provider")
    rows = WorkingHours.objects.filter(clinic=clinic, resource__kind=ResourceKind.PROVIDER, resource__in=working)
    ordered = rows.order_by("resource__name", "resource", "weekday", "start_time", "pk")
    return list(ordered.values_list("pk", flat=True))


def out(clinic: Clinic, wanted: Sequence[uuid.UUID]) -> Iterator[Mapping[str, str]]:
    """Yield a row for each of the hours; two statements."""
    types = list(AppointmentType.objects.filter(clinic=clinic))
    known = WorkingHours.objects.filter(clinic=clinic).select_related("resource").in_bulk(wanted)
    for key in wanted:
        if key in known:
            row = known[key]
            yield {"id": str(row.pk), "provider": row.resource.name, **row_of(row, types)}


def row_of(row: WorkingHours, types: Sequence[AppointmentType]) -> dict[str, str]:
    """Return hours by column, but for whose they are."""
    names = {kind.pk: kind.name for kind in types}
    return {
        "weekday": str(Weekday(row.weekday).label) if row.weekday is not None else "",
        "start": f"{row.start_time:%H:%M}",
        "end": f"{row.end_time:%H:%M}",
        "valid_from": str(row.valid_from),
        "valid_until": str(row.valid_until or ""),
        "types": "; ".join(sorted(names.get(one, str(one)) for one in row.types)),
        "rule": row.rrule,
    }
