"""Types of visit and how providers differ from them; rooms, devices, and which types ask for them."""

import uuid
from dataclasses import dataclass

from django.db.models import QuerySet

from mediconnect.errors import NotFound
from mediconnect.portal.desk import Desk
from providers.models import AppointmentType, PractitionerRole, Provider, Resource, ResourceKind, TypeOverride


@dataclass(frozen=True, slots=True)
class Differing:
    """A provider beside a type of visit: what holds for this one. `own` is empty where the type says all."""

    provider: Provider
    own: TypeOverride | None
    offered: bool
    duration: int
    buffer_before: int
    buffer_after: int


@dataclass(frozen=True, slots=True)
class Stand:
    """A room or a device, with the names of the active types that ask for its kind."""

    resource: Resource
    asked_by: tuple[str, ...]


def types_of(desk: Desk) -> list[AppointmentType]:
    """Return the clinic's types, those on offer first."""
    return list(AppointmentType.objects.filter(clinic=desk.clinic.pk).order_by("-active", "name"))


def type_of(desk: Desk, type_id: uuid.UUID) -> AppointmentType:
    """Return a type of the clinic; raises `NotFound`."""
    kind = AppointmentType.objects.filter(clinic=desk.clinic.pk, pk=type_id).first()
    if kind is None:
        raise NotFound
    return kind


def providers_beside(desk: Desk, kind: AppointmentType) -> list[Differing]:
    """Return everybody who works here beside a type, by name."""
    roles = _working(desk)
    own = {row.provider_id: row for row in TypeOverride.objects.filter(appointment_type=kind)}
    return [_beside(kind, role.provider, own.get(role.provider_id)) for role in roles]


def provider_beside(desk: Desk, kind: AppointmentType, provider_id: uuid.UUID) -> Differing:
    """Return one who works here beside a type; raises `NotFound`."""
    role = _working(desk).filter(provider=provider_id).first()
    if role is None:
        raise NotFound
    return _beside(
        kind, role.provider, TypeOverride.objects.filter(appointment_type=kind, provider=provider_id).first()
    )


def kinds_known(desk: Desk) -> tuple[list[str], list[str]]:
    """Return the kinds of rooms and of devices that the clinic speaks of, for fields that suggest them."""
    stand = Resource.objects.filter(clinic=desk.clinic.pk).values_list("kind", "category")
    asked = AppointmentType.objects.filter(clinic=desk.clinic.pk).values_list("room_kind", "device_kind")
    rooms, devices = set(), set()
    for room, device in asked:
        rooms.add(room)
        devices.add(device)
    for kind, category in stand:
        (rooms if kind == ResourceKind.ROOM else devices).add(category)
    return sorted(rooms - {""}), sorted(devices - {""})


def stands_of(desk: Desk) -> tuple[list[Stand], list[Stand]]:
    """Return the clinic's rooms and its devices, those in use first."""
    rows = list(Resource.objects.filter(clinic=desk.clinic.pk).order_by("-active", "name"))
    types = AppointmentType.objects.filter(clinic=desk.clinic.pk, active=True).order_by("name")
    asking = list(types.values_list("name", "room_kind", "device_kind"))
    rooms = [
        Stand(row, tuple(name for name, room, _ in asking if room and room == row.category))
        for row in rows
        if row.kind == ResourceKind.ROOM
    ]
    devices = [
        Stand(row, tuple(name for name, _, device in asking if device and device == row.category))
        for row in rows
        if row.kind == ResourceKind.DEVICE
    ]
    return rooms, devices


def resource_of(desk: Desk, resource_id: uuid.UUID) -> Resource:
    """Return a room or device of the clinic; raises `NotFound`."""
    row = Resource.objects.filter(clinic=desk.clinic.pk, pk=resource_id).first()
    if row is None:
        raise NotFound
    return row


def _working(desk: Desk) -> QuerySet[PractitionerRole]:
    roles = PractitionerRole.objects.filter(clinic=desk.clinic.pk, active=True, provider__active=True)
    return roles.select_related("provider").order_by("provider__name", "provider_id")


def _beside(kind: AppointmentType, provider: Provider, own: TypeOverride | None) -> Differing:
    def holds(name: str) -> int:
        said: int | None = getattr(own, name, None)
        usual: int = getattr(kind, name)
        return usual if said is None else said

    offered = own is None or own.offered
    return Differing(provider, own, offered, holds("duration"), holds("buffer_before"), holds("buffer_after"))
