"""An invitation lets one person open an account for one record, and knows that record by its id alone."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.identifiers import uuid7


class Invitation(models.Model):
    """The way from the desk to an account: link, birth date, code to a contact on file, password, verified e-mail."""

    class Contact(models.TextChoices):
        """Where the code goes."""

        EMAIL = "email", "e-mail"
        SMS = "sms", "text message"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    subject_id = models.UUIDField(help_text="The record that the account will belong to.")
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  unset is not ""
    contact = models.CharField(max_length=8, choices=Contact.choices, blank=True)
    contact_hint = models.CharField(max_length=64, blank=True, help_text="Masked, as shown to the claimant.")
    date_matches = models.BooleanField(default=False, help_text="Whether the last birth date given was right.")
    code_hash = models.CharField(max_length=64, blank=True, editable=False)
    code_expires_at = models.DateTimeField(null=True, blank=True)
    codes_sent = models.PositiveSmallIntegerField(default=0)
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Wrong dates and codes so far.")
    proven_at = models.DateTimeField(null=True, blank=True, help_text="When date and code were both right.")
    email = EncryptedTextField(blank=True, help_text="The address that waits for its verification.")
    password = models.CharField(max_length=256, blank=True, editable=False)
    email_code_hash = models.CharField(max_length=64, blank=True, editable=False)
    email_code_expires_at = models.DateTimeField(null=True, blank=True)
    email_codes_sent = models.PositiveSmallIntegerField(default=0)
    email_attempts = models.PositiveSmallIntegerField(default=0)
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
    )
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["subject_id"],
                condition=Q(used_at=None, revoked_at=None),
                name="a_record_has_one_open_invitation",
            ),
        ]

    def __str__(self) -> str:
        """Return when it was sent; whom it concerns is not ours to say."""
        return f"invitation of {self.created_at:%Y-%m-%d %H:%M}"
