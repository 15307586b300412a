"""The shapes that records are made of, and the one list of everything that ever changed."""

from typing import Any, ClassVar

import pgtrigger
from django.db import models

from .identifiers import uuid7
from .triggers import version_rises


class IdentifiedModel(models.Model):
    """A row with an opaque identifier and the moment it was made."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, editable=False)

    class Meta:
        abstract = True


class VersionedModel(IdentifiedModel):
    """A row whose `version` rises by exactly one with each update, whoever writes it."""

    version = models.PositiveIntegerField(default=1, editable=False)
    updated_at = models.DateTimeField(auto_now=True, editable=False)

    class Meta:
        abstract = True
        triggers: ClassVar[list[pgtrigger.Trigger]] = [version_rises()]

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, then hold the version that the database gave the row.

        The trigger counts; without this the object in hand would still carry the version before its own update.
        """
        updating = not self._state.adding
        super().save(*args, **kwargs)
        if updating:
            self.refresh_from_db(fields=["version", "updated_at"])


class ChangeQuerySet(models.QuerySet["Change"]):
    """The words in which changes are asked for."""

    def of(self, record: models.Model) -> "ChangeQuerySet":
        """Return the changes of one record, oldest first."""
        return self.filter(record_type=record._meta.db_table, record_id=record.pk).order_by("id")


class Change(models.Model):
    """One change of one record: who, what, before, after, when, from which request. Append only.

    `before` and `after` hold the changed columns alone, as stored: what is encrypted stays encrypted here.
    """

    id = models.BigAutoField(primary_key=True)
    record_type = models.CharField(max_length=63)
    record_id = models.UUIDField()
    version = models.PositiveIntegerField(null=True)
    operation = models.CharField(max_length=6)
    before = models.JSONField()
    after = models.JSONField()
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    reason = models.TextField(blank=True)

    objects = ChangeQuerySet.as_manager()

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["record_type", "record_id", "id"], name="changes_of_a_record"),
        ]
        triggers: ClassVar[list[pgtrigger.Trigger]] = [
            pgtrigger.Trigger(
                name="a_change_is_never_rewritten",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                # Key rotation reseals old values; it says so in its own transaction, as the owner of the tables.
                func="""
                    IF current_setting('mediconnect.resealing', true) = 'on' AND TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
                    RAISE EXCEPTION 'a change is never rewritten'
                        USING ERRCODE = '23514', CONSTRAINT = 'a_change_is_never_rewritten', TABLE = TG_TABLE_NAME;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.operation} {self.record_type} {self.record_id} v{self.version}"
