"""Two records of one person made one, and how they would be two again."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import IdentifiedModel
from mediconnect.records.triggers import changes_are_kept

from .patient import Patient

# A row that is written about a record at the moment when it becomes part of another one is the other one's. The lock is
# the one that the foreign key takes anyway; taken first, it waits for a merge under way and then sees what it did.
_FOLLOWS = """
    SELECT coalesce(merged_into_id, id) INTO kept FROM patients_patient WHERE id = NEW.patient_id FOR KEY SHARE;
    IF kept IS NOT NULL THEN NEW.patient_id := kept; END IF;
    RETURN NEW;
"""


def follows_a_merge() -> pgtrigger.Trigger:
    """Return the trigger that lets a new row with a `patient` refer to the record that stays, whoever writes it.

    For tables whose writers do not lock the patient first; the others are told that the record is gone.
    """
    return pgtrigger.Trigger(
        name="a_new_row_follows_a_merge",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert,
        condition=pgtrigger.Q(new__patient__isnull=False),
        declare=[("kept", "uuid")],
        func=_FOLLOWS,
    )


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
