"""Say how a clinic offers freed time: in general, or for one type of visit."""

import uuid
from collections.abc import Mapping
from typing import Any, Final

from appointments.models import WaitlistPolicy
from mediconnect.errors import Invalid, NotFound
from providers.errors import ChangedMeanwhile
from providers.locks import lock_clinic
from providers.models import AppointmentType
from providers.services.editing import one_edit

# Least and most of each number; the table holds the same of those that could lock a patient out.
LIMITS: Final[Mapping[str, tuple[int, int]]] = {
    "at_once": (1, 50),
    "minutes_over_a_day": (5, 1440),
    "minutes_over_four_hours": (5, 240),
    "minutes_under_four_hours": (5, 120),
    "latest_offer_minutes": (5, 10080),
}
FIELDS: Final = ("active", "order", *LIMITS)


def set_policy(
    *, clinic_id: uuid.UUID, appointment_type_id: uuid.UUID | None, version: int, values: Mapping[str, Any]
) -> WaitlistPolicy:
    """Set how freed time is offered from now on, for a type of visit or (None) for all without a policy of their own.

    `version` is the row's, 0 where nothing was set. Offers that stand keep their time. Raises `NotFound`, `Invalid` by
    field, and `ChangedMeanwhile` with the policy as it is now.
    """
    checked = _checked(values)
    with one_edit(dry_run=False):
        row = _row(clinic_id, appointment_type_id, version)
        changed = [name for name, value in checked.items() if getattr(row, name) != value]
        for name in changed:
            setattr(row, name, checked[name])
        if row.version == 0:
            row.version = 1
            row.save(force_insert=True)
        elif changed:
            row.save(update_fields=[*changed, "updated_at"])
        return row


def follow_clinic(*, clinic_id: uuid.UUID, appointment_type_id: uuid.UUID, version: int) -> None:
    """Let a type of visit follow its clinic again. Raises `NotFound` and `ChangedMeanwhile`."""
    with one_edit(dry_run=False):
        row = _row(clinic_id, appointment_type_id, version)
        if row.version:
            row.delete()


def _row(clinic_id: uuid.UUID, appointment_type_id: uuid.UUID | None, version: int) -> WaitlistPolicy:
    lock_clinic(clinic_id)
    if appointment_type_id is not None:
        kinds = AppointmentType.objects.filter(pk=appointment_type_id, clinic=clinic_id)
        if not kinds.exists():
            raise NotFound
    row = WaitlistPolicy.objects.filter(clinic=clinic_id, appointment_type=appointment_type_id).first()
    row = row or WaitlistPolicy(clinic_id=clinic_id, appointment_type_id=appointment_type_id, version=0)
    if row.version != version:
        raise ChangedMeanwhile(row)
    return row


def _checked(values: Mapping[str, Any]) -> dict[str, Any]:
    unknown = values.keys() - set(FIELDS)
    if unknown:
        raise Invalid(errors={name: ["There is no such setting."] for name in sorted(unknown)})
    for name, (least, most) in LIMITS.items():
        if name in values and not least <= values[name] <= most:
            raise Invalid.field(name, f"This is a whole number from {least} to {most}.")
    if "order" in values and values["order"] not in WaitlistPolicy.Order.values:
        raise Invalid.field("order", f"This is one of: {', '.join(WaitlistPolicy.Order.values)}.")
    return dict(values)
