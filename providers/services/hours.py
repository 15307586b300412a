"""Enter, change and end the hours in which a resource works."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict, TypeVar

from django.utils import timezone

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox import publish
from providers.errors import NoHoursOfItsOwn
from providers.events import HoursChanged
from providers.locks import lock_clinic, lock_resource
from providers.models import Clinic, OneOffHours, PractitionerRole, Resource, ResourceKind, WorkingHours
from providers.rules.recurrence import UnusableRule, read_rule

from .editing import Edit, Preview, apply, at_version, check_day, check_types, one_edit, save
from .openings import settle

Row = TypeVar("Row", WorkingHours, OneOffHours)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewWorkingHours:
    """Hours that come back: on a weekday (0 is Monday) or by an RRULE. Without `valid_from` they hold from today on."""

    start_time: dt.time
    end_time: dt.time
    weekday: int | None = None
    rrule: str = ""
    valid_from: dt.date | None = None
    valid_until: dt.date | None = None
    types: Sequence[uuid.UUID] = ()


class WorkingHoursChange(TypedDict, total=False):
    """What shall be different about working hours; what is left out stays."""

    start_time: dt.time
    end_time: dt.time
    weekday: int | None
    rrule: str
    valid_from: dt.date
    valid_until: dt.date | None
    types: Sequence[uuid.UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOneOffHours:
    """Hours on one date."""

    date: dt.date
    start_time: dt.time
    end_time: dt.time
    types: Sequence[uuid.UUID] = ()


class OneOffHoursChange(TypedDict, total=False):
    """What shall be different about hours on one date; what is left out stays."""

    date: dt.date
    start_time: dt.time
    end_time: dt.time
    types: Sequence[uuid.UUID]


def add_working_hours(
    *, resource_id: uuid.UUID, clinic_id: uuid.UUID, hours: NewWorkingHours, dry_run: bool = False
) -> Edit[WorkingHours]:
    """Let a resource work at a clinic in hours that come back; return the row with what opens.

    Raises `NotFound` unless the resource works there, and `Invalid` by field.
    """
    with one_edit(dry_run=dry_run):
        clinic, resource = _place(resource_id, clinic_id)
        row = WorkingHours(
            resource=resource,
            clinic=clinic,
            weekday=hours.weekday,
            rrule=hours.rrule,
            start_time=hours.start_time,
            end_time=hours.end_time,
            valid_from=hours.valid_from or _today(clinic),
            valid_until=hours.valid_until,
            types=list(hours.types),
        )
        _check_working_hours(row)
        save(row)
        return Edit(row, _settled(row, dry_run=dry_run))


def change_working_hours(
    *, hours_id: uuid.UUID, version: int, change: WorkingHoursChange, dry_run: bool = False
) -> Edit[WorkingHours]:
    """Change hours from now on (what is past stays open as it was); return the row with what opens, closes, is touched.

    Raises `NotFound`, `Invalid`, `ChangedMeanwhile` for another version, and `VisitsInTheWay`.
    """
    with one_edit(dry_run=dry_run):
        row = at_version(_working_hours(hours_id), version)
        changed = apply(row, change)
        _check_working_hours(row)
        save(row, changed)
        return Edit(row, _settled(row, dry_run=dry_run))


def end_working_hours(
    *, hours_id: uuid.UUID, version: int, last_day: dt.date | None = None, dry_run: bool = False
) -> Edit[WorkingHours]:
    """End hours after `last_day`, or with yesterday; hours that would end before they begin are taken away.

    The row that was taken away stays in the history. Raises as `change_working_hours` does.
    """
    with one_edit(dry_run=dry_run):
        row = at_version(_working_hours(hours_id), version)
        last = last_day or _today(row.clinic) - dt.timedelta(days=1)
        if last < row.valid_from:
            preview = _removed(row, dry_run=dry_run)
        else:
            row.valid_until = last if row.valid_until is None else min(last, row.valid_until)
            save(row, ["valid_until"])
            preview = _settled(row, dry_run=dry_run)
        return Edit(row, preview)


def add_one_off_hours(
    *, resource_id: uuid.UUID, clinic_id: uuid.UUID, hours: NewOneOffHours, dry_run: bool = False
) -> Edit[OneOffHours]:
    """Let a resource work at a clinic on one date, public holiday or not; return the row with what opens.

    Raises `NotFound` unless the resource works there, `Invalid` by field, and `NoHoursOfItsOwn`.
    """
    with one_edit(dry_run=dry_run):
        clinic, resource = _place(resource_id, clinic_id)
        require_hours(resource)
        row = OneOffHours(
            resource=resource,
            clinic=clinic,
            date=hours.date,
            start_time=hours.start_time,
            end_time=hours.end_time,
            types=list(hours.types),
        )
        _check_one_off_hours(row)
        save(row)
        return Edit(row, _settled(row, dry_run=dry_run))


def change_one_off_hours(
    *, hours_id: uuid.UUID, version: int, change: OneOffHoursChange, dry_run: bool = False
) -> Edit[OneOffHours]:
    """Change hours on one date; return the row with what opens, closes, is touched. Raises as `change_working_hours`."""
    with one_edit(dry_run=dry_run):
        row = at_version(_one_off_hours(hours_id), version)
        changed = apply(row, change)
        _check_one_off_hours(row)
        save(row, changed)
        return Edit(row, _settled(row, dry_run=dry_run))


def remove_one_off_hours(*, hours_id: uuid.UUID, version: int, dry_run: bool = False) -> Edit[OneOffHours]:
    """Take hours on one date away; the history keeps them. Raises as `change_working_hours` does."""
    with one_edit(dry_run=dry_run):
        row = at_version(_one_off_hours(hours_id), version)
        return Edit(row, _removed(row, dry_run=dry_run))


def require_hours(resource: Resource) -> None:
    """Raise `NoHoursOfItsOwn` for a room or device that can be used at any time."""
    if resource.kind != ResourceKind.PROVIDER and not WorkingHours.objects.filter(resource=resource).exists():
        raise NoHoursOfItsOwn


def _place(resource_id: uuid.UUID, clinic_id: uuid.UUID) -> tuple[Clinic, Resource]:
    """Lock the clinic, then the resource; raises `NotFound` unless the resource works or stands there."""
    clinic, resource = lock_clinic(clinic_id), lock_resource(resource_id)
    if resource.kind == ResourceKind.PROVIDER:
        works = PractitionerRole.objects.filter(provider_id=resource_id, clinic=clinic, active=True).exists()
    else:
        works = resource.clinic_id == clinic_id
    if not works:
        raise NotFound
    return clinic, resource


def _working_hours(hours_id: uuid.UUID) -> WorkingHours:
    place = WorkingHours.objects.filter(pk=hours_id).values_list("clinic_id", "resource_id").first()
    _lock(place)
    return _again(WorkingHours.objects.select_related("clinic").filter(pk=hours_id).first())


def _one_off_hours(hours_id: uuid.UUID) -> OneOffHours:
    place = OneOffHours.objects.filter(pk=hours_id).values_list("clinic_id", "resource_id").first()
    _lock(place)
    return _again(OneOffHours.objects.select_related("clinic").filter(pk=hours_id).first())


def _lock(place: tuple[uuid.UUID, uuid.UUID] | None) -> None:
    if place is None:
        raise NotFound
    lock_clinic(place[0])
    lock_resource(place[1])


def _again(row: Row | None) -> Row:
    if row is None:
        raise NotFound
    return row


def _settled(row: WorkingHours | OneOffHours, *, dry_run: bool) -> Preview:
    preview = settle([(row.resource_id, row.clinic_id)], dry_run=dry_run)
    publish(HoursChanged(resource_id=row.resource_id, clinic_id=row.clinic_id), aggregate_id=row.resource_id)
    return preview


def _removed(row: WorkingHours | OneOffHours, *, dry_run: bool) -> Preview:
    type(row).objects.filter(pk=row.pk).delete()
    return _settled(row, dry_run=dry_run)


def _today(clinic: Clinic) -> dt.date:
    return timezone.now().astimezone(clinic.zone).date()


def _check_working_hours(row: WorkingHours) -> None:
    _check_times(row)
    check_day(row.valid_from, "valid_from")
    check_day(row.valid_until, "valid_until")
    if row.valid_until is not None and row.valid_until < row.valid_from:
        raise Invalid.field("valid_until", "The last day does not lie before the first.")
    if (row.weekday is None) == (row.rrule == ""):
        raise Invalid.field("weekday", "Hours come back on a weekday or by an rrule: give one of the two.")
    if row.rrule:
        try:
            read_rule(row.rrule, row.valid_from)
        except UnusableRule as error:
            raise Invalid.field("rrule", str(error)) from None
    row.types = check_types(row.types, row.clinic_id)


def _check_one_off_hours(row: OneOffHours) -> None:
    _check_times(row)
    check_day(row.date, "date")
    row.types = check_types(row.types, row.clinic_id)


def _check_times(row: WorkingHours | OneOffHours) -> None:
    for name in ("start_time", "end_time"):
        moment = getattr(row, name)
        if moment.second or moment.microsecond:
            raise Invalid.field(name, "Hours begin and end on whole minutes.")
