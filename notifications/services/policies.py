"""Keep what a clinic sets about its messages; reminders that are planned follow at once."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, Final, Generic, TypedDict, TypeVar

from appointments.models import Appointment
from mediconnect.errors import Invalid, NotFound
from mediconnect.records.models import VersionedModel
from notifications.models import MessagePolicy, TypeReminders
from notifications.queries.policies import policy_of, reminders_of
from notifications.services.replanning import Replanned, replan
from providers.errors import ChangedMeanwhile
from providers.locks import lock_clinic
from providers.models import AppointmentType
from providers.services.editing import one_edit

MOST_STEPS: Final = 6
LEADS: Final = (30, 60 * 24 * 60)
"""Least and most minutes before a visit: polls come every five minutes, and nobody keeps a date for two months."""
CAPS: Final = (1, 20)

Row = TypeVar("Row", MessagePolicy, TypeReminders)


class PolicyValues(TypedDict, total=False):
    """What a clinic sets; what is left out stays as it is."""

    reminder_minutes: list[int]
    tells_booked: bool
    tells_moved: bool
    tells_cancelled: bool
    quiet_from: dt.time
    quiet_until: dt.time
    hourly_cap: int


@dataclass(frozen=True, slots=True)
class Saved(Generic[Row]):
    """The row as it is now, and what became of the reminders of visits to come."""

    record: Row
    replanned: Replanned


def save_policy(
    *, clinic_id: uuid.UUID, version: int, values: PolicyValues, dry_run: bool = False
) -> Saved[MessagePolicy]:
    """Set what a clinic's messages follow from now on, and bring reminders of visits to come in step with it.

    `version` is that of `policy_of`. A dry run counts and leaves everything as it is. Raises `NotFound`, `Invalid` by
    field, and `ChangedMeanwhile` with the policy as it is now.
    """
    checked = _checked(values)
    with one_edit(dry_run=dry_run):
        lock_clinic(clinic_id)
        row = policy_of(clinic_id)
        nights, leads = (row.quiet_from, row.quiet_until), row.reminder_minutes
        if _put(row, version, checked) and ((row.quiet_from, row.quiet_until), row.reminder_minutes) != (nights, leads):
            return Saved(row, replan(Appointment.objects.filter(clinic=clinic_id), dry_run=dry_run))
        return Saved(row, Replanned())


def save_type_reminders(
    *, appointment_type_id: uuid.UUID, version: int, minutes: Collection[int] | None, dry_run: bool = False
) -> Saved[TypeReminders]:
    """Give a type of visit reminders of its own (an empty list: none), or with None let it follow its clinic again.

    `version` is that of `reminders_of`. Reminders of visits to come follow; a dry run counts alone. Raises `NotFound`,
    `Invalid`, and `ChangedMeanwhile` with the row as it is now.
    """
    leads = None if minutes is None else _leads(minutes)
    with one_edit(dry_run=dry_run):
        clinic_id = AppointmentType.objects.filter(pk=appointment_type_id).values_list("clinic_id", flat=True).first()
        if clinic_id is None:
            raise NotFound
        lock_clinic(clinic_id)
        row = reminders_of(appointment_type_id)
        if leads is None:
            changed = _give_up(row, version)
            row = reminders_of(appointment_type_id)
        else:
            changed = _put(row, version, {"reminder_minutes": leads})
        visits = Appointment.objects.filter(clinic=clinic_id, appointment_type=appointment_type_id)
        return Saved(row, replan(visits, dry_run=dry_run) if changed else Replanned())


def _put(row: Row, version: int, values: Mapping[str, Any]) -> bool:
    """Write the values into the row, or the row itself where it is not kept yet; return whether anything changed."""
    _at(row, version)
    if row.version == 0:
        row.version = 1
        for name, value in values.items():
            setattr(row, name, value)
        row.save(force_insert=True)
        return True
    changed = [name for name, value in values.items() if getattr(row, name) != value]
    for name in changed:
        setattr(row, name, values[name])
    if changed:
        row.save(update_fields=changed)
    return bool(changed)


def _give_up(row: TypeReminders, version: int) -> bool:
    _at(row, version)
    if row.version == 0:
        return False
    row.delete()
    return True


def _at(row: VersionedModel, version: int) -> None:
    if row.version != version:
        raise ChangedMeanwhile(row)


def _checked(values: PolicyValues) -> dict[str, Any]:
    """Return the values as they are kept; raises `Invalid` by field."""
    checked: dict[str, Any] = dict(values)
    if "reminder_minutes" in values:
        checked["reminder_minutes"] = _leads(values["reminder_minutes"])
    cap = values.get("hourly_cap")
    if cap is not None and not CAPS[0] <= cap <= CAPS[1]:
        raise Invalid.field("hourly_cap", "This is a whole number from 1 to 20.")
    return checked


def _leads(minutes: Collection[int]) -> list[int]:
    """Return steps as they are kept, the earliest first."""
    leads = sorted(minutes, reverse=True)
    if len(leads) > MOST_STEPS:
        raise Invalid.field("reminder_minutes", "Six reminders are the most.")
    if len(set(leads)) != len(leads):
        raise Invalid.field("reminder_minutes", "Two of these reminders are the same.")
    if any(not LEADS[0] <= lead <= LEADS[1] for lead in leads):
        raise Invalid.field("reminder_minutes", "A reminder goes out half an hour to 60 days before the visit.")
    return leads
