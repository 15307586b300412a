"""A message to a person: what was said, where to, and what became of it."""

from typing import ClassVar

from django.db import models
from django.db.models.functions import Now

from mediconnect.outbox.models import Fact
from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.identifiers import uuid7


class Message(models.Model):
    """One message because of one fact. Recipient and words are sealed: they hold addresses, links and codes."""

    class Kind(models.TextChoices):
        """What a message is for."""

        PASSWORD_RESET = "password_reset"  # noqa: S105 - a kind of message
        PASSWORD_CHANGED = "password_changed"  # noqa: S105 - a kind of message
        INVITATION = "invitation"
        COLLEAGUE_INVITED = "colleague_invited"
        ACCOUNT_CODE = "account_code"
        EMAIL_CHECK = "email_check"
        ADDRESS_IN_USE = "address_in_use"

    class Channel(models.TextChoices):
        """How it travels."""

        EMAIL = "email", "e-mail"
        SMS = "sms", "text message"

    class State(models.TextChoices):
        """Where it stands."""

        RECORDED = "recorded", "recorded by the sandbox, delivered to nobody"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    channel = models.CharField(max_length=5, choices=Channel.choices)
    recipient = EncryptedTextField()
    language = models.CharField(max_length=8, default="en")
    subject = models.CharField(
        max_length=200, blank=True, help_text="Names nobody: it is shown in lists and on lock screens."
    )
    body = EncryptedTextField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.RECORDED)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering: ClassVar[list[str]] = ["-created_at", "-id"]
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["fact", "kind"], name="a_fact_is_written_about_once"),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["-created_at", "-id"], name="messages_newest_first")
        ]

    def __str__(self) -> str:
        """Return kind and id; to whom it goes is not readable here."""
        return f"{self.kind} {self.id}"
