"""What people decided about breakers by hand, kept for good."""

from typing import ClassVar

import pgtrigger
from django.db import models

from mediconnect.records.models import VersionedModel
from mediconnect.records.triggers import changes_are_kept


class BreakerOverride(VersionedModel):
    """The last decision about one breaker. A row is made with the first and stays; its history tells them all."""

    class State(models.TextChoices):
        """What was decided: held open, held closed, or left to its own counting again."""

        FORCED_OPEN = "forced_open", "forced open"
        FORCED_CLOSED = "forced_closed", "forced closed"
        AUTOMATIC = "automatic", "automatic"

    name = models.CharField(max_length=63, unique=True)
    state = models.CharField(max_length=13, choices=State)
    reason = models.CharField(max_length=200)
    # An id alone, as in the history: resilience lies below accounts. None where the command line acted.
    by_id = models.UUIDField("by", null=True, editable=False)
    at = models.DateTimeField()

    class Meta(VersionedModel.Meta):
        ordering: ClassVar[list[str]] = ["name"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=models.Q(state__in=["forced_open", "forced_closed", "automatic"]),
                name="a_breaker_is_forced_or_automatic",
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="a_breaker_is_not_forced_without_reason"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return self.name
