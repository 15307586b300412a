"""How far a clinic lets its people go against the rules in a day."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

# What an override says that a walk-in made: whoever stands at the desk is not sent away for a number.
WALK_IN: Final = "walk-in"


@dataclass(frozen=True, slots=True)
class Budget:
    """What one role may put over the rules in one day of a clinic, and how much of it is used."""

    role: str
    per_day: int
    used: int

    @property
    def left(self) -> int:
        """How many more are allowed; never below zero, whatever was used before the budget was made smaller."""
        return max(0, self.per_day - self.used)


def budget_that_counts(roles: Iterable[str], budgets: Iterable[Budget]) -> Budget | None:
    """Return the budget that binds somebody with these roles: the one with most left, or None for no limit.

    One role without a budget is enough for no limit; so is having none of the roles (whoever administers all).
    """
    known = {budget.role: budget for budget in budgets}
    own = list(roles)
    if not own or any(role not in known for role in own):
        return None
    return max((known[role] for role in own), key=lambda budget: budget.left)
