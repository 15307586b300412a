"""Add and change clinics and what stands in them: policy, rooms, devices; and who works there."""

import uuid
from typing import Any, Final, TypedDict

from django.utils import timezone

from mediconnect.errors import Invalid
from mediconnect.outbox import publish
from providers.errors import VisitsInTheWay
from providers.events import ClinicChanged, ResourceChanged
from providers.locks import lock_clinic, lock_resource, lock_resources
from providers.models import Clinic, PractitionerRole, Provider, Resource, ResourceKind
from providers.ports import visits_outside
from providers.queries.plans import pairs_of_clinic
from providers.rules.holidays import is_known_region

from .editing import Edit, Effect, Preview, apply, at_version, one_edit, save
from .openings import settle

# Least and most of each number of a clinic's policy. A year of notice or cut-off is beyond any policy.
POLICY: Final = {
    "minimum_notice_minutes": (0, 366 * 24 * 60),
    "horizon_days": (1, 730),
    "cancel_cutoff_hours": (0, 366 * 24),
    "move_cutoff_hours": (0, 366 * 24),
    "hold_minutes": (1, 60),
    "open_bookings_limit": (1, 100),
    "open_bookings_total": (1, 1000),
    "cancels_per_day": (1, 100),
}
# Where nothing is said, there is no limit.
OPEN_ENDED: Final = frozenset({"open_bookings_total", "cancels_per_day"})
CLINIC_FIELDS: Final = ("name", "timezone", "region", "phone", "address", "active", "second_factor_for_all", *POLICY)


class ResourceChange(TypedDict, total=False):
    """What shall be different about a room, device or provider; what is left out stays."""

    name: str
    category: str
    active: bool


def add_clinic(*, values: dict[str, Any]) -> Clinic:
    """Open a new clinic; `values` holds `CLINIC_FIELDS`, of which name and timezone are needed.

    Raises `Invalid` by field and `NameTaken`.
    """
    with one_edit(dry_run=False):
        clinic = Clinic(**_known(values))
        _check(clinic)
        save(clinic)
        publish(ClinicChanged(clinic_id=clinic.pk), aggregate_id=clinic.pk)
        return clinic


def change_clinic(*, clinic_id: uuid.UUID, version: int, values: dict[str, Any], dry_run: bool = False) -> Edit[Clinic]:
    """Change a clinic's name, zone, region or policy; return the row with what opens, closes, is touched.

    A new zone or region moves the openings of everyone who works there; a shorter horizon closes nothing.
    Raises `NotFound`, `Invalid`, `NameTaken`, `ChangedMeanwhile` for another version, and `VisitsInTheWay`.
    """
    with one_edit(dry_run=dry_run):
        clinic = at_version(lock_clinic(clinic_id), version)
        changed = apply(clinic, _known(values))
        _check(clinic)
        save(clinic, changed)
        preview = Preview()
        if {"timezone", "region", "horizon_days"} & set(changed):
            pairs = pairs_of_clinic(clinic_id)
            lock_resources(resource for resource, _ in pairs)
            preview = settle(pairs, dry_run=dry_run)
        if changed:
            publish(ClinicChanged(clinic_id=clinic.pk), aggregate_id=clinic.pk)
        return Edit(clinic, preview)


def add_provider(*, name: str, clinic_id: uuid.UUID, specialty: str = "", user_id: uuid.UUID | None = None) -> Provider:
    """Add a provider who works at a clinic, without hours as yet. Raises `NotFound` and `Invalid` by field."""
    with one_edit(dry_run=False):
        clinic = lock_clinic(clinic_id)
        provider = Provider(kind=ResourceKind.PROVIDER, name=name, user_id=user_id)
        save(provider)
        save(PractitionerRole(provider=provider, clinic=clinic, specialty=specialty))
        publish(ResourceChanged(resource_id=provider.pk), aggregate_id=provider.pk)
        return provider


def add_resource(
    *, clinic_id: uuid.UUID, kind: ResourceKind, name: str, category: str, dry_run: bool = False
) -> Edit[Resource]:
    """Add a room or a device to a clinic; without hours of its own it can be used at any time.

    Raises `NotFound` and `Invalid` by field.
    """
    with one_edit(dry_run=dry_run):
        row = Resource(clinic=lock_clinic(clinic_id), kind=kind, name=name, category=category)
        save(row)
        publish(ResourceChanged(resource_id=row.pk), aggregate_id=row.pk)
        return Edit(row)


def change_resource(
    *, resource_id: uuid.UUID, version: int, change: ResourceChange, dry_run: bool = False
) -> Edit[Resource]:
    """Rename a room or device, sort it otherwise, or put it out of use; return the row with the visits touched.

    Raises `NotFound`, `Invalid`, `ChangedMeanwhile` for another version, and `VisitsInTheWay` where visits to come
    need what is put out of use.
    """
    with one_edit(dry_run=dry_run):
        row = at_version(lock_resource(resource_id), version)
        changed = apply(row, change)
        save(row, changed)
        preview = Preview()
        if {"active", "category"} & set(changed) and row.kind != ResourceKind.PROVIDER:
            preview = _stranded(row)
            if preview.touched and not dry_run:
                raise VisitsInTheWay(touched=preview.touched)
        if changed:
            publish(ResourceChanged(resource_id=row.pk), aggregate_id=row.pk)
        return Edit(row, preview)


def _stranded(row: Resource) -> Preview:
    """Return the visits to come that occupy a room or device which is put out of use."""
    if row.active or row.clinic_id is None:
        return Preview()
    now = timezone.now()
    touched = visits_outside(row.pk, row.clinic_id, [], now, now.replace(year=now.year + 3, day=1))
    return Preview([Effect(row.pk, row.clinic_id, (), (), 0, 0, touched)])


def _known(values: dict[str, Any]) -> dict[str, Any]:
    if unknown := sorted(set(values) - set(CLINIC_FIELDS)):
        raise Invalid(errors={name: ["There is no such member."] for name in unknown})
    return values


def _check(clinic: Clinic) -> None:
    for name, (least, most) in POLICY.items():
        value = getattr(clinic, name)
        if value is None and name in OPEN_ENDED:
            continue
        if value is None or not least <= value <= most:
            raise Invalid.field(name, f"This is a whole number from {least} to {most}.")
    if clinic.region and not is_known_region(clinic.region):
        raise Invalid.field("region", "No public holidays are known for this region; write it as in US-NY or GB-ENG.")
