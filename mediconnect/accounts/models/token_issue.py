"""Each bearer token that was handed out on the command line, and by whom."""

from django.conf import settings
from django.db import models

from mediconnect.records.identifiers import uuid7


class TokenIssue(models.Model):
    """The audit row of one `access_token` command. Rows are only ever added."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    token_checksum = models.CharField(max_length=64, editable=False)
    scope = models.CharField(max_length=255)
    issued_by = models.CharField(max_length=150, help_text="The operating system's account that ran the command.")
    issued_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField()

    class Meta:
        ordering = ("-issued_at",)

    def __str__(self) -> str:
        """Return when and by whom, never the token."""
        return f"issued {self.issued_at:%Y-%m-%d %H:%M} by {self.issued_by}"
