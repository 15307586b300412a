"""A time that somebody gave back: what a waitlist is offered, once, and what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from mediconnect.records.models import IdentifiedModel
from patients.models import Patient
from providers.models import Clinic, Provider

from .appointment import Appointment
from .session import Session


class FreedTime(IdentifiedModel):
    """A stretch of one provider's time, without buffers, that was taken and is no longer.

    Written in the transaction that frees it. It stays open until somebody from the list has it, somebody else took it, or
    it has begun. `patient` is whoever gave it back and is not offered it again; of a group, `session` says which.
    """

    class Cause(models.TextChoices):
        """How it came to be free."""

        CANCELLED = "cancelled", "a visit was cancelled"
        MOVED = "moved", "a visit was moved"
        MISSED = "missed", "a patient did not come"
        HOURS = "hours", "hours were added"
        HOLD = "hold", "a hold ran out"

    class State(models.TextChoices):
        """What became of it."""

        OPEN = "open", "open"
        FILLED = "filled", "filled from the list"
        TAKEN = "taken", "taken by somebody else"
        OVER = "over", "begun without anybody"

    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False)
    provider = models.ForeignKey(Provider, models.PROTECT, related_name="+", db_index=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    cause = models.CharField(max_length=9, choices=Cause)
    appointment = models.ForeignKey(Appointment, models.PROTECT, null=True, blank=True, related_name="+")
    session = models.ForeignKey(Session, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    patient = models.ForeignKey(Patient, models.PROTECT, null=True, blank=True, related_name="+", db_index=False)
    offer_from = models.DateTimeField(help_text="a slip of the hand can be undone until then, so nobody is offered it")
    looked_at = models.DateTimeField(null=True, blank=True, help_text="when the list was last asked for it")
    state = models.CharField(max_length=6, choices=State, default=State.OPEN, db_default=State.OPEN.value)
    closed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="freed_time_ends_after_it_begins"),
            models.CheckConstraint(
                condition=Q(state="open", closed_at=None) | (~Q(state="open") & Q(closed_at__isnull=False)),
                name="freed_time_is_open_or_says_when_it_closed",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["offer_from"], condition=Q(state="open"), name="freed_times_that_are_open"),
            models.Index(fields=["clinic", "-created_at"], name="freed_times_of_a_clinic"),
        ]

    def __str__(self) -> str:
        return f"{self.starts_at} to {self.ends_at}: {self.state}"
