"""Write the visits: what is over in bulk, under every trigger; what is to come through the services, as anybody books."""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from appointments.events import AppointmentBooked, AppointmentCancelled
from appointments.models import Appointment, CancellationReason, Session, Status
from appointments.services.booking import Booking, Caller, book_appointment
from appointments.services.cancelling import cancel_appointment
from appointments.services.flow import advance_appointment
from mediconnect.api.versions import Expected
from mediconnect.errors import DomainError
from mediconnect.outbox.models import Fact
from mediconnect.outbox.rules import encode, name_of

from .cast import identifier
from .planning import Planned

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

Placed = tuple[Planned, Status]

_STEPS: Final[dict[Status, tuple[str, ...]]] = {
    Status.BOOKED: (),
    Status.CONFIRMED: ("confirm",),
    Status.ARRIVED: ("arrive",),
    Status.ROOMED: ("arrive", "room"),
    Status.IN_PROGRESS: ("arrive", "room", "start"),
    Status.COMPLETED: ("arrive", "room", "start", "complete"),
    Status.NO_SHOW: ("no-show",),
}
_MINUTE: Final = dt.timedelta(minutes=1)


def write_visits(placed: Sequence[Placed], *, now: dt.datetime) -> int:
    """Write the visits, each as it stands, and return how many there are."""
    begun = [(visit, status) for visit, status in placed if visit.start <= now]
    _write_begun(begun, now)
    return len(begun) + sum(_book(visit, status) for visit, status in placed if visit.start > now)


def _write_begun(placed: Sequence[Placed], now: dt.datetime) -> None:
    sessions = {visit.session_id: visit for visit, _ in placed if visit.seat}
    Session.objects.bulk_create(_session(visit) for visit in sessions.values())
    Appointment.objects.bulk_create((_appointment(visit, status, now) for visit, status in placed), batch_size=500)
    Fact.objects.bulk_create(_facts(placed), batch_size=1000)


def _place(visit: Planned) -> dict[str, Any]:
    return {
        "clinic_id": identifier("clinic", visit.place),
        "provider_id": visit.doctor.id,
        "appointment_type_id": visit.type_id,
        "room_id": visit.room_id,
        "device_id": visit.device_id,
        "starts_at": visit.start,
        "ends_at": visit.end,
        "buffer_before": visit.kind.buffer_before,
        "buffer_after": visit.kind.buffer_after,
    }


def _session(visit: Planned) -> Session:
    return Session(id=visit.session_id, capacity=visit.kind.capacity, **_place(visit))


def _appointment(visit: Planned, status: Status, now: dt.datetime) -> Appointment:
    cancelled = status == Status.CANCELLED
    return Appointment(
        id=visit.id,
        patient_id=identifier("patient", visit.patient),
        session_id=visit.session_id,
        seat=visit.seat,
        status=status,
        source=visit.source,
        reason=visit.reason,
        cancellation_reason=CancellationReason.PATIENT_REQUEST if cancelled else "",
        **_moments(visit, status, now),
        **_place(visit),
    )


def _moments(visit: Planned, status: Status, now: dt.datetime) -> dict[str, dt.datetime | None]:
    """Return when a visit came to stand where it stands, none of it later than now."""
    came = status in {Status.ARRIVED, Status.ROOMED, Status.IN_PROGRESS, Status.COMPLETED}
    in_room = came and status != Status.ARRIVED
    with_provider = in_room and status != Status.ROOMED
    ends = {
        Status.COMPLETED: visit.end,
        Status.NO_SHOW: visit.start + 15 * _MINUTE,
        Status.CANCELLED: visit.start - dt.timedelta(days=1),
    }
    moments = {
        "arrived_at": visit.start - 9 * _MINUTE if came else None,
        "roomed_at": visit.start - 3 * _MINUTE if in_room else None,
        "started_at": visit.start + 1 * _MINUTE if with_provider else None,
        "ended_at": ends.get(status),
    }
    return {name: min(moment, now) if moment else None for name, moment in moments.items()}


def _facts(placed: Iterable[Placed]) -> Iterator[Fact]:
    """Yield what booking and cancelling would have said; nobody is told now, long after."""
    for visit, status in placed:
        yield _fact(AppointmentBooked(visit.id), visit.id, visit.start - dt.timedelta(days=3))
        if status == Status.CANCELLED:
            yield _fact(AppointmentCancelled(visit.id, 1), visit.id, visit.start - dt.timedelta(days=1))


def _fact(event: "DataclassInstance", aggregate_id: uuid.UUID, at: dt.datetime) -> Fact:
    return Fact(name=name_of(type(event)), aggregate_id=aggregate_id, args=encode(event), created_at=at)


def _book(visit: Planned, status: Status) -> bool:
    """Book through the services; return False where somebody else got there first, as can happen on a later fill."""
    by = f"patient{visit.patient}" if visit.source == "patient" else "frontdesk"
    caller = Caller(identifier("user", by), patients_own=False)
    booking = Booking(
        appointment_type_id=visit.type_id,
        provider_id=visit.doctor.id,
        patient_id=identifier("patient", visit.patient),
        start=visit.start,
        source=visit.source,
        reason=visit.reason,
    )
    with suppress(DomainError):
        booked, _ = book_appointment(booking, caller=caller)
        _bring(booked, status, caller)
        return True
    return False


def _bring(booked: Appointment, status: Status, caller: Caller) -> None:
    if status == Status.CANCELLED:
        reason = CancellationReason.PATIENT_REQUEST
        cancel_appointment(
            appointment_id=booked.pk, reason=reason, expected=Expected(booked.version, by_header=False), caller=caller
        )
        return
    for step in _STEPS[status]:
        booked = advance_appointment(
            appointment_id=booked.pk, step=step, expected=Expected(booked.version, by_header=False), caller=caller
        )
