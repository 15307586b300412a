"""A reminder that is planned: which visit, how long before, and what was decided when its time came."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from appointments.models import Appointment
from mediconnect.records.identifiers import uuid7

from .message import Message


class Reminder(models.Model):
    """One step before one time of one visit. Its message is written when it is due; several may share one message.

    A row of its own, small and unsealed, since there are three for each visit of the months ahead and only those of the
    next minutes matter.
    """

    class State(models.TextChoices):
        """What became of the plan."""

        PLANNED = "planned", "planned"
        TAKEN = "taken", "written as a message"
        SKIPPED = "skipped", "not sent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    visit = models.ForeignKey(Appointment, models.PROTECT, related_name="+", db_index=False)
    visit_version = models.PositiveIntegerField(help_text="the version with which the visit got this time")
    visit_starts_at = models.DateTimeField()
    lead_minutes = models.PositiveIntegerField()
    due_at = models.DateTimeField()
    state = models.CharField(max_length=7, choices=State.choices, db_default=State.PLANNED.value, default=State.PLANNED)
    reason = models.CharField(max_length=40, blank=True, db_default="", help_text="why it was not sent")
    message = models.ForeignKey(
        Message, models.PROTECT, related_name="reminders", db_index=False, null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["due_at", "id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(
                fields=["visit", "visit_version", "lead_minutes"], name="a_step_before_a_visit_is_planned_once"
            ),
            models.CheckConstraint(
                condition=Q(state="planned", message=None, reason="", decided_at=None)
                | Q(state="taken", message__isnull=False, decided_at__isnull=False)
                | (Q(state="skipped", decided_at__isnull=False) & ~Q(reason="")),
                name="a_reminder_is_planned_written_or_skipped_for_a_reason",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], condition=Q(state="planned"), name="reminders_due"),
            models.Index(fields=["message"], condition=Q(message__isnull=False), name="reminders_of_a_message"),
        ]

    def __str__(self) -> str:
        """Return lead and state."""
        return f"{self.lead_minutes} min before {self.visit_id}: {self.state}"
