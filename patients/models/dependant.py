"""A recorded right to act for somebody else."""

import datetime as dt
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept

from .patient import Patient


class DependantQuerySet(models.QuerySet["Dependant"]):
    """The words in which dependants are asked for."""

    def on(self, day: dt.date) -> "DependantQuerySet":
        """Return the rights that hold on this day."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gte=day))


class Dependant(IdentifiedModel):
    """That `guardian` may see and book for `patient`, recorded by a member of staff, until `ends_on` if that is set."""

    guardian = models.ForeignKey(Patient, models.PROTECT, related_name="dependants")
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="guardians")
    relationship = models.CharField(max_length=40, help_text="as in child, parent, spouse")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+")
    ends_on = models.DateField(null=True, blank=True, help_text="the last day on which it holds")

    objects = DependantQuerySet.as_manager()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guardian", "patient"], name="a_dependant_is_listed_once"),
            models.CheckConstraint(condition=~Q(guardian=F("patient")), name="nobody_depends_on_themselves"),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.relationship} of {self.guardian_id}"
