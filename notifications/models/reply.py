"""What a person answered, what we made of it, and who read it where nothing could be made of it."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from appointments.models import Appointment
from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.identifiers import uuid7
from patients.models import Patient, follows_a_merge
from providers.models import Clinic

from .message import Message


class Reply(models.Model):
    """A text message that came in. Bound to the message it answers, and through it to the visits that were asked about.

    `open` waits for a person of the clinic; `acted` was understood and done; `closed` was read and answered or put away.
    """

    class Meaning(models.TextChoices):
        """What was understood. Nothing is guessed: whatever is not one of the others is unclear."""

        CONFIRM = "confirm", "confirms"
        CALL = "call", "wants to be called"
        ACCEPT = "accept", "takes the time"
        DECLINE = "decline", "does not take the time"
        STOP = "stop", "wants no more messages"
        START = "start", "wants messages again"
        HELP = "help", "asks for help"
        UNCLEAR = "unclear", "unclear"

    class State(models.TextChoices):
        """Who has to do something."""

        OPEN = "open", "waits for somebody"
        ACTED = "acted", "done by itself"
        CLOSED = "closed", "closed"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    provider_id = models.CharField(max_length=100, unique=True, help_text="the service's id: told twice, kept once")
    channel = models.CharField(max_length=5, choices=Message.Channel.choices, default=Message.Channel.SMS)
    sender = EncryptedTextField()
    sender_index = models.CharField(max_length=32)
    body = EncryptedTextField(blank=True, default="")
    meaning = models.CharField(max_length=7, choices=Meaning.choices)
    state = models.CharField(max_length=6, choices=State.choices)
    reason = models.CharField(max_length=40, blank=True, db_default="", help_text="why a person has to look")
    message = models.ForeignKey(Message, models.PROTECT, related_name="replies", db_index=False, null=True, blank=True)
    visit = models.ForeignKey(Appointment, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    patient = models.ForeignKey(Patient, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    clinic = models.ForeignKey(Clinic, models.PROTECT, related_name="+", db_index=False, null=True, blank=True)
    received_at = models.DateTimeField(db_default=Now(), editable=False)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    note = models.CharField(max_length=200, blank=True, db_default="", help_text="what the person who closed it did")

    class Meta:
        verbose_name_plural = "replies"
        ordering: ClassVar[list[str]] = ["-received_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.CheckConstraint(
                condition=Q(state="closed", closed_at__isnull=False) | (~Q(state="closed") & Q(closed_at=None)),
                name="a_closed_reply_says_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["clinic", "received_at"], condition=Q(state="open"), name="replies_that_wait"),
            models.Index(fields=["clinic", "-received_at"], name="replies_of_a_clinic"),
            models.Index(fields=["patient", "-received_at"], name="replies_of_a_patient"),
            models.Index(fields=["visit"], condition=Q(visit__isnull=False), name="replies_about_a_visit"),
            models.Index(fields=["message"], condition=Q(message__isnull=False), name="replies_to_a_message"),
        ]
        triggers: ClassVar = [follows_a_merge()]

    def __str__(self) -> str:
        """Return what was understood; who wrote what is not readable here."""
        return f"{self.meaning} {self.id}"
