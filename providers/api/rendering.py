"""How clinics, providers, hours and previews look in answers: times by the clinic's clock, nothing of clinics not the caller's."""

import datetime as dt
import uuid
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final
from zoneinfo import ZoneInfo

from mediconnect.api.principal import Principal
from mediconnect.api.versions import Expected
from mediconnect.errors import VersionConflict
from providers.errors import ChangedMeanwhile, VisitsInTheWay
from providers.models import AppointmentType, Clinic, Closure, OneOffHours, Provider, Resource, TimeOff, WorkingHours
from providers.ports import TouchedVisit
from providers.services.editing import Preview
from providers.services.places import POLICY

# Pieces and visits of a preview: more than anybody reads, little enough to send. The counts are of all.
_MOST_SHOWN: Final = 200


def clinic(row: Clinic) -> dict[str, Any]:
    """Return a clinic with its policy."""
    return {
        "id": row.pk,
        "version": row.version,
        "name": row.name,
        "timezone": row.timezone,
        "region": row.region,
        "phone": row.phone,
        "address": row.address,
        "active": row.active,
        **{name: getattr(row, name) for name in POLICY},
    }


def provider(row: Provider) -> dict[str, Any]:
    """Return a provider and where it works. Needs what `providers_visible_to` prefetches."""
    roles: Collection[Any] = getattr(row, "shown_roles", ())
    return {
        "id": row.pk,
        "version": row.version,
        "name": row.name,
        "active": row.active,
        "clinics": [
            {"clinic": role.clinic_id, "name": role.clinic.name, "specialty": role.specialty, "active": role.active}
            for role in roles
        ],
    }


def kind(row: AppointmentType) -> dict[str, Any]:
    """Return a type of visit."""
    return {
        "id": row.pk,
        "version": row.version,
        "clinic": row.clinic_id,
        "name": row.name,
        "duration": row.duration,
        "buffer_before": row.buffer_before,
        "buffer_after": row.buffer_after,
        "start_grid": row.start_grid,
        "colour": row.colour,
        "bookable_online": row.bookable_online,
        "room_kind": row.room_kind,
        "device_kind": row.device_kind,
        "daily_limit": row.daily_limit,
        "capacity": row.capacity,
        "minimum_notice_minutes": row.minimum_notice_minutes,
        "cancel_cutoff_hours": row.cancel_cutoff_hours,
        "move_cutoff_hours": row.move_cutoff_hours,
        "open_bookings_limit": row.open_bookings_limit,
        "active": row.active,
    }


def resource(row: Resource) -> dict[str, Any]:
    """Return a room or device."""
    return {
        "id": row.pk,
        "version": row.version,
        "clinic": row.clinic_id,
        "name": row.name,
        "category": row.category,
        "active": row.active,
    }


def working_hours(row: WorkingHours) -> dict[str, Any]:
    """Return hours that come back."""
    return {
        "id": row.pk,
        "version": row.version,
        "provider": row.resource_id,
        "clinic": row.clinic_id,
        "weekday": row.weekday,
        "rrule": row.rrule,
        "start_time": row.start_time,
        "end_time": row.end_time,
        "valid_from": row.valid_from,
        "valid_until": row.valid_until,
        "types": row.types,
    }


def one_off_hours(row: OneOffHours) -> dict[str, Any]:
    """Return hours on one date."""
    return {
        "id": row.pk,
        "version": row.version,
        "provider": row.resource_id,
        "clinic": row.clinic_id,
        "date": row.date,
        "start_time": row.start_time,
        "end_time": row.end_time,
        "types": row.types,
    }


def absence(row: TimeOff | Closure, zone: ZoneInfo, *, with_reason: bool = True) -> dict[str, Any]:
    """Return time off or a closure; why somebody is away is left out for those whom it does not concern."""
    owner = {"provider": row.resource_id} if isinstance(row, TimeOff) else {"clinic": row.clinic_id}
    shown = {
        "id": row.pk,
        "version": row.version,
        **owner,
        "timezone": zone.key,
        "start": row.starts_at.astimezone(zone),
        "end": row.ends_at.astimezone(zone),
        "cancelled": row.cancelled,
    }
    return {**shown, "reason": row.reason} if with_reason else shown


def preview(principal: Principal, found: Preview) -> dict[str, Any]:
    """Return what an edit opens, closes and touches, the pieces of the caller's clinics first 200 alone, counts of all."""
    zones = _zones({effect.clinic_id for effect in found.effects})
    shown = {clinic_id for clinic_id in zones if _is_mine(principal, clinic_id)}
    effects = [effect for effect in found.effects if effect.clinic_id in shown]

    def pieces(name: str) -> list[dict[str, Any]]:
        rows = [(effect, piece) for effect in effects for piece in getattr(effect, name)]
        rows.sort(key=lambda row: row[1].start)
        return [_piece(effect, piece, zones) for effect, piece in rows[:_MOST_SHOWN]]

    return {
        "dry_run": True,
        "opens": pieces("opens"),
        "closes": pieces("closes"),
        "minutes_opened": found.minutes_opened,
        "minutes_closed": found.minutes_closed,
        "starts_opened": found.starts_opened,
        "starts_closed": found.starts_closed,
        "visits": _visits(principal, found.touched, zones),
    }


def _piece(effect: Any, piece: Any, zones: Mapping[uuid.UUID, ZoneInfo]) -> dict[str, Any]:
    zone = zones[effect.clinic_id]
    return {
        "resource": effect.resource_id,
        "clinic": effect.clinic_id,
        "start": piece.start.astimezone(zone),
        "end": piece.end.astimezone(zone),
        "types": None if piece.serves is None else sorted(piece.serves),
    }


def _visits(
    principal: Principal, touched: Collection[tuple[uuid.UUID, TouchedVisit]], zones: Mapping[uuid.UUID, ZoneInfo]
) -> list[dict[str, Any]]:
    """Return ids and times alone; of a visit at a clinic that is not the caller's the time alone."""
    return [
        {
            "id": visit.id if _is_mine(principal, clinic_id) else None,
            "clinic": clinic_id if _is_mine(principal, clinic_id) else None,
            "start": visit.start.astimezone(zones.get(clinic_id, dt.UTC)),
            "end": visit.end.astimezone(zones.get(clinic_id, dt.UTC)),
        }
        for clinic_id, visit in list(touched)[:_MOST_SHOWN]
    ]


def _is_mine(principal: Principal, clinic_id: uuid.UUID) -> bool:
    return principal.is_superuser or clinic_id in principal.roles


def _zones(clinics: Collection[uuid.UUID]) -> dict[uuid.UUID, ZoneInfo]:
    rows = Clinic.objects.filter(pk__in=clinics).values_list("pk", "timezone") if clinics else ()
    return {pk: ZoneInfo(name) for pk, name in rows}


@contextmanager
def refusals(
    principal: Principal, render: Callable[[Any], dict[str, Any]], expected: Expected | None = None
) -> Iterator[None]:
    """Say in full what stands in an edit's way: the row as it is now, 409 or 412, or the visits that the caller may know of."""
    try:
        yield
    except ChangedMeanwhile as stale:
        by_header = expected is not None and expected.by_header
        raise VersionConflict(by_header=by_header, current=render(stale.record)) from None
    except VisitsInTheWay as stopped:
        zones = _zones({clinic_id for clinic_id, _ in stopped.touched})
        raise VisitsInTheWay(visits=_visits(principal, stopped.touched, zones)) from None
