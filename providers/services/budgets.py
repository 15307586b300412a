"""Say how many visits a day each role may put over the rules in a clinic."""

import uuid
from collections.abc import Mapping
from typing import Final

from mediconnect.errors import Invalid
from mediconnect.outbox import publish
from providers.errors import BudgetsChanged
from providers.events import ClinicChanged
from providers.locks import lock_clinic
from providers.models import OverbookingBudget, Role

from .editing import one_edit, save

MOST: Final = 100
"""A day has no more visits that anybody could still call an exception."""

Budgets = Mapping[Role, int | None]


def budgets_in(clinic_id: uuid.UUID) -> dict[Role, int | None]:
    """Return what each role may do in a day, None where nothing limits it."""
    known = dict(OverbookingBudget.objects.filter(clinic=clinic_id).values_list("role", "per_day"))
    return {role: known.get(role.value) for role in Role}


def set_budgets(*, clinic_id: uuid.UUID, seen: Budgets, wanted: Budgets) -> dict[Role, int | None]:
    """Set the budgets of the roles named in `wanted` (None takes a limit away) and return all as they are now.

    `seen` is what the person saw of them: raises `BudgetsChanged` where somebody set another meanwhile. Raises `NotFound`,
    and `Invalid` for a number below zero or over a hundred. What is booked already stays.
    """
    for role, per_day in wanted.items():
        if per_day is not None and not 0 <= per_day <= MOST:
            raise Invalid.field(role.value, f"A budget is 0 to {MOST} visits a day.")
    with one_edit(dry_run=False):
        lock_clinic(clinic_id)
        now = budgets_in(clinic_id)
        if any(now[role] != per_day for role, per_day in seen.items()):
            raise BudgetsChanged
        changed = {role: per_day for role, per_day in wanted.items() if now[role] != per_day}
        for role, per_day in changed.items():
            _set(clinic_id, role, per_day)
        if changed:
            publish(ClinicChanged(clinic_id=clinic_id), aggregate_id=clinic_id)
        return {**now, **changed}


def _set(clinic_id: uuid.UUID, role: Role, per_day: int | None) -> None:
    row = OverbookingBudget.objects.filter(clinic=clinic_id, role=role).first()
    if per_day is None:
        if row is not None:
            row.delete()
        return
    row = row or OverbookingBudget(clinic_id=clinic_id, role=role)
    row.per_day = per_day
    save(row)
