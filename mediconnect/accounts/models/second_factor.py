"""What proves a sign-in a second time: a shared secret on a phone, and codes on paper for when it is lost."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from mediconnect.records.encryption import EncryptedTextField
from mediconnect.records.identifiers import uuid7


class Authenticator(models.Model):
    """One user's TOTP secret (RFC 6238), sealed. It counts once a first code has confirmed it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="authenticator")
    secret = EncryptedTextField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    last_step = models.BigIntegerField(default=0, help_text="The newest time step used: a code works once.")
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        """Return its state, never its secret."""
        return "authenticator" if self.confirmed_at else "unconfirmed authenticator"


class RecoveryCode(models.Model):
    """A code on paper, kept as a hash, good for one sign-in."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes")
    code_hash = models.CharField(max_length=64, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["user", "code_hash"], name="a_recovery_code_is_written_once"),
        ]

    def __str__(self) -> str:
        """Return its state, never the code."""
        return "used recovery code" if self.used_at else "recovery code"
