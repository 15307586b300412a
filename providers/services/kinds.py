"""Add and change what a clinic offers: types of visit, and how a provider differs from them."""

import uuid
from typing import Any, Final

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox import publish
from providers.events import AppointmentTypeChanged
from providers.locks import lock_clinic, lock_resource
from providers.models import AppointmentType, PractitionerRole, TypeOverride

from .editing import Edit, apply, at_version, one_edit, save

# Least and most of each number; the database's constraints say the same.
LIMITS: Final = {
    "duration": (5, 480),
    "buffer_before": (0, 120),
    "buffer_after": (0, 120),
    "capacity": (1, 100),
    "daily_limit": (1, 1000),
    "minimum_notice_minutes": (0, 366 * 24 * 60),
    "cancel_cutoff_hours": (0, 366 * 24),
    "move_cutoff_hours": (0, 366 * 24),
    "open_bookings_limit": (1, 100),
}
# Where nothing is said, the clinic's rule holds, or no limit.
OPEN_ENDED: Final = frozenset(
    {"daily_limit", "minimum_notice_minutes", "cancel_cutoff_hours", "move_cutoff_hours", "open_bookings_limit"}
)
GRIDS: Final = (5, 10, 15, 20, 30, 60)
FIELDS: Final = (
    "name", "duration", "buffer_before", "buffer_after", "start_grid", "colour", "bookable_online", "room_kind",
    "device_kind", "daily_limit", "capacity", "minimum_notice_minutes", "cancel_cutoff_hours", "move_cutoff_hours",
    "open_bookings_limit", "active",
)  # fmt: skip


def add_appointment_type(
    *, clinic_id: uuid.UUID, values: dict[str, Any], dry_run: bool = False
) -> Edit[AppointmentType]:
    """Offer a new type of visit at a clinic; `values` holds `FIELDS`, of which `name` is needed.

    Raises `NotFound`, `Invalid` by field, and `NameTaken`. Opens and closes nothing.
    """
    with one_edit(dry_run=dry_run):
        lock_clinic(clinic_id)
        row = AppointmentType(clinic_id=clinic_id, **_known(values))
        _check(row)
        save(row)
        publish(AppointmentTypeChanged(appointment_type_id=row.pk), aggregate_id=row.pk)
        return Edit(row)


def change_appointment_type(
    *, appointment_type_id: uuid.UUID, version: int, values: dict[str, Any], dry_run: bool = False
) -> Edit[AppointmentType]:
    """Change a type for bookings from now on; visits that are booked keep their length.

    Raises `NotFound`, `Invalid`, `NameTaken`, and `ChangedMeanwhile` for another version. Opens and closes nothing.
    """
    with one_edit(dry_run=dry_run):
        clinic_id = AppointmentType.objects.filter(pk=appointment_type_id).values_list("clinic_id", flat=True).first()
        if clinic_id is None:
            raise NotFound
        lock_clinic(clinic_id)
        row = at_version(AppointmentType.objects.get(pk=appointment_type_id), version)
        changed = apply(row, _known(values))
        _check(row)
        save(row, changed)
        if changed:
            publish(AppointmentTypeChanged(appointment_type_id=row.pk), aggregate_id=row.pk)
        return Edit(row)


def override_type(
    *,
    provider_id: uuid.UUID,
    appointment_type_id: uuid.UUID,
    offered: bool = True,
    duration: int | None = None,
    buffer_before: int | None = None,
    buffer_after: int | None = None,
) -> TypeOverride:
    """Say how a provider differs from a type, in place of what was said before; None is as the type says.

    Raises `NotFound` unless the provider works at the type's clinic, and `Invalid` by field.
    """
    with one_edit(dry_run=False):
        lock_resource(provider_id)
        kind = AppointmentType.objects.filter(pk=appointment_type_id).first()
        if kind is None or not PractitionerRole.objects.filter(provider=provider_id, clinic=kind.clinic_id).exists():
            raise NotFound
        own = TypeOverride.objects.filter(provider=provider_id, appointment_type=kind).first()
        own = own or TypeOverride(provider_id=provider_id, appointment_type=kind)
        own.offered, own.duration = offered, duration
        own.buffer_before, own.buffer_after = buffer_before, buffer_after
        _within_limits(own, ("duration", "buffer_before", "buffer_after"))
        save(own)
        publish(AppointmentTypeChanged(appointment_type_id=kind.pk), aggregate_id=kind.pk)
        return own


def _known(values: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(values) - set(FIELDS)):
        raise Invalid(errors={name: ["There is no such member."] for name in unknown})
    return values


def _check(row: AppointmentType) -> None:
    _within_limits(row, LIMITS)
    if row.start_grid not in GRIDS:
        raise Invalid.field("start_grid", "This is one of 5, 10, 15, 20, 30, 60.")


def _within_limits(row: AppointmentType | TypeOverride, names: Any) -> None:
    for name in names:
        value, (least, most) = getattr(row, name), LIMITS[name]
        if value is not None and not least <= value <= most:
            raise Invalid.field(name, f"This is a whole number from {least} to {most}.")
