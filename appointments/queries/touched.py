"""Which visits an edit of hours would leave outside of them."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence

from django.db.models import Q

from appointments.models import ACTIVE, Appointment
from providers.ports import OpenPiece, TouchedVisit


def visits_outside(
    resource_id: uuid.UUID, clinic_id: uuid.UUID, pieces: Sequence[OpenPiece], since: dt.datetime, until: dt.datetime
) -> list[TouchedVisit]:
    """Return the active visits of the resource at the clinic, between the instants, that the pieces would not cover.

    In order of time; visits that were put outside the hours on purpose, or are displaced already, do not count. A room or device is asked for its
    time alone: which types its pieces serve matters to providers only. Fills a port of providers.
    """
    visits = Appointment.objects.filter(
        Q(provider=resource_id) | Q(second_provider=resource_id) | Q(room=resource_id) | Q(device=resource_id),
        clinic=clinic_id,
        status__in=ACTIVE,
        override_reason="",
        displaced=False,
        starts_at__lt=until,
        ends_at__gt=since,
    )
    rows = visits.order_by("starts_at", "id").values_list(
        "id", "starts_at", "ends_at", "appointment_type_id", "patient_id", "room_id", "device_id"
    )
    return [
        TouchedVisit(pk, start, end, kind, patient_id)
        for pk, start, end, kind, patient_id, room_id, device_id in rows
        if not _covered(start, end, None if resource_id in {room_id, device_id} else kind, pieces, since, until)
    ]


def _covered(
    start: dt.datetime,
    end: dt.datetime,
    kind: uuid.UUID | None,
    pieces: Iterable[OpenPiece],
    since: dt.datetime,
    until: dt.datetime,
) -> bool:
    """Return whether the part of the visit that lies between the instants is open throughout; adjoining pieces are one."""
    reached, last = max(start, since), min(end, until)
    for low, high, serves in pieces:
        if high <= reached or (serves is not None and kind is not None and kind not in serves):
            continue
        if low > reached:
            return False
        reached = high
        if reached >= last:
            return True
    return reached >= last
