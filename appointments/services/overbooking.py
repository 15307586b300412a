"""Count an override against the day's budget of whoever decides it."""

import uuid

from appointments.errors import OverbookingBudgetSpent
from appointments.locks import lock_budgets
from appointments.queries.overbooking import budget_of
from appointments.queries.situation import Wish
from appointments.rules.overbooking import WALK_IN


def spend(user_id: uuid.UUID, wish: Wish, *, why: str) -> None:
    """Raise `OverbookingBudgetSpent` unless this person may put one more visit over the rules on the wished day.

    Whoever overrides in the clinic waits for the others, so that two cannot both use the last one. A walk-in spends nothing.
    """
    terms = wish.terms
    if why == WALK_IN or not lock_budgets(terms.clinic_id):
        return
    day = terms.local_day(wish.span.start)
    budget = budget_of(user_id, terms.clinic_id, day, own_appointment=wish.own_appointment)
    if budget is not None and not budget.left:
        raise OverbookingBudgetSpent(explain={"role": budget.role, "per_day": budget.per_day, "used": budget.used})
