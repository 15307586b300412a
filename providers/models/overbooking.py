"""How many visits a day a role may put over the rules."""

from typing import ClassVar

from django.db import models
from django.db.models import Q

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept

from .clinic import Clinic, Role


class OverbookingBudget(VersionedModel):
    """So many overrides a role may use in a clinic's day, counted by the day of the visit.

    A role without a row has no limit beyond the right to override itself.
    """

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="overbooking_budgets")
    role = models.CharField(max_length=16, choices=Role)
    per_day = models.PositiveSmallIntegerField()

    class Meta(VersionedModel.Meta):
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["clinic", "role"], name="a_role_has_one_budget_in_a_clinic"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="a_budget_is_of_a_known_role"),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.per_day} a day"
