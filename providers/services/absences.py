"""Enter, move and withdraw time off and closures."""

import datetime as dt
import uuid
from collections.abc import Collection
from typing import Final, TypedDict, TypeVar

from mediconnect.errors import Invalid, NotFound
from mediconnect.outbox import publish
from providers.events import ClosureChanged, ClosureEntered, TimeOffChanged, TimeOffEntered
from providers.locks import lock_clinic, lock_resource, lock_resources
from providers.models import Closure, TimeOff
from providers.queries.plans import Pair, pairs_of_clinic, pairs_of_resource

from .editing import Edit, Preview, apply, at_version, check_day, one_edit, save
from .hours import require_hours
from .openings import settle

# Longer than any leave; beyond it somebody has left, and the hours end.
_LONGEST: Final = dt.timedelta(days=3 * 366)
_MINUTE: Final = dt.timedelta(minutes=1)


class AbsenceChange(TypedDict, total=False):
    """What shall be different about time off or a closure; what is left out stays."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    reason: str
    cancelled: bool


def enter_time_off(
    *, resource_id: uuid.UUID, starts_at: dt.datetime, ends_at: dt.datetime, reason: str = "", dry_run: bool = False
) -> Edit[TimeOff]:
    """Take a resource away from every clinic where it works, from instant to instant; return the row with what closes.

    Begun and broken minutes count as a whole. Raises `NotFound`, `Invalid`, `NoHoursOfItsOwn`, and `VisitsInTheWay`.
    """
    with one_edit(dry_run=dry_run):
        resource = lock_resource(resource_id)
        require_hours(resource)
        row = TimeOff(resource=resource, starts_at=starts_at, ends_at=ends_at, reason=reason)
        _check(row)
        save(row)
        preview = settle(pairs_of_resource(resource_id), dry_run=dry_run, between=(row.starts_at, row.ends_at))
        publish(TimeOffEntered(time_off_id=row.pk), aggregate_id=resource_id)
        return Edit(row, preview)


def change_time_off(
    *, time_off_id: uuid.UUID, version: int, change: AbsenceChange, dry_run: bool = False
) -> Edit[TimeOff]:
    """Move, annotate or withdraw time off; return the row with what opens, closes, is touched.

    Raises `NotFound`, `Invalid`, `ChangedMeanwhile` for another version, and `VisitsInTheWay`.
    """
    with one_edit(dry_run=dry_run):
        resource_id = TimeOff.objects.filter(pk=time_off_id).values_list("resource_id", flat=True).first()
        if resource_id is None:
            raise NotFound
        lock_resource(resource_id)
        row = at_version(TimeOff.objects.get(pk=time_off_id), version)
        preview = _change(row, change, pairs_of_resource(resource_id), dry_run=dry_run)
        publish(TimeOffChanged(time_off_id=row.pk), aggregate_id=resource_id)
        return Edit(row, preview)


def withdraw_time_off(*, time_off_id: uuid.UUID, version: int, dry_run: bool = False) -> Edit[TimeOff]:
    """Withdraw time off, which stays on record; return the row with what opens. Raises as `change_time_off` does."""
    return change_time_off(time_off_id=time_off_id, version=version, change={"cancelled": True}, dry_run=dry_run)


def enter_closure(
    *, clinic_id: uuid.UUID, starts_at: dt.datetime, ends_at: dt.datetime, reason: str = "", dry_run: bool = False
) -> Edit[Closure]:
    """Close a clinic for everyone from instant to instant; return the row with what closes.

    Raises `NotFound`, `Invalid`, and `VisitsInTheWay` with the visits of all providers.
    """
    with one_edit(dry_run=dry_run):
        pairs = _lock(clinic_id)
        row = Closure(clinic_id=clinic_id, starts_at=starts_at, ends_at=ends_at, reason=reason)
        _check(row)
        save(row)
        preview = settle(pairs, dry_run=dry_run, between=(row.starts_at, row.ends_at))
        publish(ClosureEntered(closure_id=row.pk), aggregate_id=clinic_id)
        return Edit(row, preview)


def change_closure(
    *, closure_id: uuid.UUID, version: int, change: AbsenceChange, dry_run: bool = False
) -> Edit[Closure]:
    """Move, annotate or withdraw a closure; return the row with what opens, closes, is touched.

    Raises `NotFound`, `Invalid`, `ChangedMeanwhile` for another version, and `VisitsInTheWay`.
    """
    with one_edit(dry_run=dry_run):
        clinic_id = Closure.objects.filter(pk=closure_id).values_list("clinic_id", flat=True).first()
        if clinic_id is None:
            raise NotFound
        pairs = _lock(clinic_id)
        row = at_version(Closure.objects.get(pk=closure_id), version)
        preview = _change(row, change, pairs, dry_run=dry_run)
        publish(ClosureChanged(closure_id=row.pk), aggregate_id=clinic_id)
        return Edit(row, preview)


def withdraw_closure(*, closure_id: uuid.UUID, version: int, dry_run: bool = False) -> Edit[Closure]:
    """Withdraw a closure, which stays on record; return the row with what opens. Raises as `change_closure` does."""
    return change_closure(closure_id=closure_id, version=version, change={"cancelled": True}, dry_run=dry_run)


Absence = TypeVar("Absence", TimeOff, Closure)


def _change(row: Absence, change: AbsenceChange, pairs: Collection[Pair], *, dry_run: bool) -> Preview:
    was = row.starts_at, row.ends_at
    changed = apply(row, change)
    _check(row)
    save(row, changed)
    between = min(was[0], row.starts_at), max(was[1], row.ends_at)
    return settle(pairs, dry_run=dry_run, between=between)


def _lock(clinic_id: uuid.UUID) -> list[Pair]:
    lock_clinic(clinic_id)
    pairs = pairs_of_clinic(clinic_id)
    lock_resources(resource for resource, _ in pairs)
    return pairs


def _check(row: TimeOff | Closure) -> None:
    row.starts_at = row.starts_at.replace(second=0, microsecond=0)
    if row.ends_at.second or row.ends_at.microsecond:
        row.ends_at = row.ends_at.replace(second=0, microsecond=0) + _MINUTE
    check_day(row.starts_at.date(), "start")
    check_day(row.ends_at.date(), "end")
    if row.ends_at <= row.starts_at:
        raise Invalid.field("end", "The end lies after the start.")
    if row.ends_at - row.starts_at > _LONGEST:
        raise Invalid.field("end", "This may last three years at most.")
