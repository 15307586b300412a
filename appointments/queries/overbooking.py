"""What is left of the budgets for overriding, in one statement."""

import datetime as dt
import uuid
from typing import Any, Final

from django.db import connection

from appointments.models.status import CLAIMING
from appointments.rules.overbooking import WALK_IN, Budget, budget_that_counts

# A budget is used by the visits of the clinic's day that people with that role put over the rules, whenever they did.
_BUDGETS: Final = """
SELECT budget.role, budget.per_day, (
    SELECT count(*) FROM appointments_appointment AS visit
    WHERE visit.clinic_id = budget.clinic_id AND visit.starts_at >= %(from)s AND visit.starts_at < %(until)s
      AND visit.override_reason NOT IN ('', %(walk_in)s) AND visit.status = ANY (%(claiming)s) AND visit.id IS DISTINCT FROM %(own)s
      AND EXISTS (SELECT FROM providers_membership AS held
                  WHERE held.user_id = visit.overridden_by_id AND held.clinic_id = budget.clinic_id AND held.role = budget.role))
FROM providers_overbookingbudget AS budget WHERE budget.clinic_id = %(clinic)s ORDER BY budget.role
"""
_ROLES: Final = "SELECT role FROM providers_membership WHERE user_id = %(user)s AND clinic_id = %(clinic)s"


def budgets_of(
    clinic_id: uuid.UUID, day: tuple[dt.datetime, dt.datetime], *, own_appointment: uuid.UUID | None = None
) -> list[Budget]:
    """Return the clinic's budgets for the day between the instants, each with how much is used.

    `own_appointment` is a visit that is being moved: it does not use up what it asks for. One statement.
    """
    parameters: dict[str, Any] = {
        "clinic": clinic_id,
        "from": day[0],
        "until": day[1],
        "walk_in": WALK_IN,
        "claiming": [str(status) for status in CLAIMING],
        "own": own_appointment,
    }
    with connection.cursor() as cursor:
        cursor.execute(_BUDGETS, parameters)
        return [Budget(*row) for row in cursor.fetchall()]


def budget_of(
    user_id: uuid.UUID,
    clinic_id: uuid.UUID,
    day: tuple[dt.datetime, dt.datetime],
    *,
    own_appointment: uuid.UUID | None = None,
) -> Budget | None:
    """Return the budget that binds this person in the clinic's day, or None where nothing does. Two statements at most."""
    budgets = budgets_of(clinic_id, day, own_appointment=own_appointment)
    if not budgets:
        return None
    with connection.cursor() as cursor:
        cursor.execute(_ROLES, {"user": user_id, "clinic": clinic_id})
        roles = [role for (role,) in cursor.fetchall()]
    return budget_that_counts(roles, budgets)
