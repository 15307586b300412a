"""Two records of one person made one, and how they would be two again."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept

from .patient import Patient


class Merge(IdentifiedModel):
    """That `gone` became part of `kept`. `moved` lists what was changed for it, row by row, so that it can be undone.

    Each line of `moved` is {table, id, column, before, after}: identifiers and codes, never words about anybody. Of what is
    words, the names and notes of the kept record, a line names the `change` of the history that holds both sides.
    """

    kept = models.ForeignKey(Patient, models.PROTECT, related_name="merges")
    gone = models.ForeignKey(Patient, models.PROTECT, related_name="merged_by")
    merged_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    moved = models.JSONField(default=list)
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(kept=F("gone")), name="nobody_is_merged_with_themselves"),
            models.UniqueConstraint(
                fields=["gone"], condition=Q(undone_at=None), name="a_record_is_merged_into_one_other"
            ),
        ]
        triggers: ClassVar = [changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.gone_id} into {self.kept_id}"
