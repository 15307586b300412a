"""What happened to a message, line by line: the answer to “why was this (not) sent?”."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .message import Message


class MessageEvent(models.Model):
    """One line of a message's life. `what` and `detail` are codes of `notifications.rules.reasons`, never words.

    `source_id` is the other side's own id of the event, where it told us: told twice, it is written once.
    """

    class What(models.TextChoices):
        """What happened."""

        QUEUED = "queued"
        WAITED = "waited"
        TRIED = "tried"
        FAILED = "failed"
        LOOKED_UP = "looked_up"
        SENT = "sent"
        DELIVERED = "delivered"
        UNDELIVERED = "undelivered"
        SKIPPED = "skipped"
        GIVEN_UP = "given_up"
        REQUEUED = "requeued"
        DISCARDED = "discarded"
        FELL_BACK = "fell_back"

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, models.CASCADE, related_name="events", db_index=False)
    at = models.DateTimeField(db_default=Now(), help_text="by the database's clock")
    what = models.CharField(max_length=12, choices=What.choices)
    detail = models.CharField(max_length=80, blank=True, db_default="")
    until = models.DateTimeField(null=True, blank=True, help_text="of a wait: when it is looked at again")
    attempt = models.PositiveSmallIntegerField(db_default=0)
    source_id = models.CharField(max_length=160, null=True, blank=True, unique=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False, null=True, blank=True
    )
    note = models.CharField(max_length=200, blank=True, db_default="", help_text="why a person discarded it")

    class Meta:
        ordering: ClassVar[list[str]] = ["id"]
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["message", "id"], name="events_of_a_message")]

    def __str__(self) -> str:
        """Return what happened, in codes."""
        return f"{self.what} {self.detail}".strip()
