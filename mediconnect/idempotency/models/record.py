"""The answer that one caller's key was given."""

from typing import ClassVar

from django.db import models

from mediconnect.records.encryption import EncryptedTextField


class IdempotencyRecord(models.Model):
    """A settled answer, kept for 48 hours. The key itself is not stored, only its SHA-256; the body is sealed.

    `fingerprint` is an HMAC of method, path, query and the canonical body: the same key with another one is refused.
    """

    id = models.BigAutoField(primary_key=True)
    principal = models.CharField(max_length=60)
    key_sha256 = models.BinaryField(max_length=32)
    fingerprint = models.BinaryField(max_length=32)
    status_code = models.PositiveSmallIntegerField()
    headers = models.JSONField(default=dict)
    body = EncryptedTextField()
    resource_id = models.UUIDField(null=True)
    created_at = models.DateTimeField(db_default=models.functions.Now())
    expires_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["principal", "key_sha256"], name="a_key_is_answered_once"),
        ]
        indexes: ClassVar = [models.Index(fields=["expires_at"], name="answers_by_expiry")]

    def __str__(self) -> str:
        return f"{self.status_code} for a key of {self.principal}"
