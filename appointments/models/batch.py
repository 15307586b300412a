"""Many visits at once: what is to be done to each of them, and what became of it."""

from typing import ClassVar

from django.conf import settings
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.models import Q

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.models import IdentifiedModel, VersionedModel
from mediconnect.records.triggers import changes_are_kept
from providers.models import Clinic, Provider

from .appointment import Appointment
from .reasons import CancellationReason


class Batch(VersionedModel):
    """One act on a selection of visits: cancel them, move them by so many minutes or to another provider, or write to them.

    The visits are worked one by one, each in a transaction of its own; what was done stays done whatever crashes.
    """

    class Act(models.TextChoices):
        """What is done to each visit."""

        CANCEL = "cancel", "cancel"
        MOVE = "move", "move"
        MESSAGE = "message", "write to"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="batches")
    act = models.CharField(max_length=7, choices=Act)
    cancellation_reason = models.CharField(max_length=24, choices=CancellationReason, blank=True)
    shift_minutes = models.IntegerField(null=True, blank=True, help_text="of a move: so many minutes later, or earlier")
    to_provider = models.ForeignKey(Provider, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    words = EncryptedTextField(blank=True, default="", validators=[MaxLengthValidator(300)], help_text="of a message")
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    stopped_at = models.DateTimeField(null=True, blank=True, help_text="by a person: what waits is not done any more")
    undone_at = models.DateTimeField(null=True, blank=True, help_text="by a person: what was cancelled is taken back")

    class Meta(VersionedModel.Meta):
        verbose_name_plural = "batches"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=(Q(act="cancel") & ~Q(cancellation_reason=""))
                | (~Q(act="cancel") & Q(cancellation_reason="")),
                name="a_batch_that_cancels_says_why",
            ),
            models.CheckConstraint(
                condition=Q(act="move", shift_minutes__isnull=False)
                | Q(act="move", to_provider__isnull=False)
                | (~Q(act="move") & Q(shift_minutes=None, to_provider=None)),
                name="a_batch_that_moves_says_where_to",
            ),
        ]
        triggers: ClassVar = [*VersionedModel.Meta.triggers, changes_are_kept()]

    def __str__(self) -> str:
        return f"{self.get_act_display()} many"


class BatchItem(IdentifiedModel):
    """One visit of a batch. `version` is the one that was looked at: a visit that changed since is left alone."""

    class State(models.TextChoices):
        """What became of it."""

        WAITING = "waiting", "waiting"
        DONE = "done", "done"
        REFUSED = "refused", "refused"
        STOPPED = "stopped", "not done any more"
        UNDONE = "undone", "taken back"

    batch = models.ForeignKey(Batch, models.PROTECT, related_name="items")
    appointment = models.ForeignKey(Appointment, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField()
    place = models.PositiveIntegerField(help_text="in which order")
    state = models.CharField(max_length=7, choices=State, default=State.WAITING)
    refusal = models.CharField(max_length=40, blank=True, db_default="", help_text="the code of what refused it")
    done_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering: ClassVar = ["place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "appointment"], name="a_batch_takes_a_visit_once"),
            models.CheckConstraint(
                condition=(Q(state="refused") & ~Q(refusal="")) | (~Q(state="refused") & Q(refusal="")),
                name="a_refused_item_says_why",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["batch", "place"], condition=Q(state="waiting"), name="items_that_wait"),
        ]

    def __str__(self) -> str:
        return f"{self.place}: {self.state}"
