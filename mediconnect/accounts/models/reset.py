"""A wish for a new password: one row per wish, known address or not, usable once."""

from django.conf import settings
from django.db import models

from mediconnect.records.identifiers import uuid7


class PasswordReset(models.Model):
    """Someone asked to reset a password. The link is minted when its mail is written; only its hash stays."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        on_delete=models.CASCADE,
        help_text="Empty when nobody has that address: the asker is told and costs the same.",
    )
    token_hash = models.CharField(max_length=64, null=True, unique=True, editable=False)  # noqa: DJ001  unset is not ""
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ("-created_at",)

    def __str__(self) -> str:
        """Return when it was asked for."""
        return f"reset asked {self.created_at:%Y-%m-%d %H:%M}"
