"""A session is a row, so that it can be listed, ended for good and counted on when the cache is away."""

import uuid
from datetime import datetime, timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q


class SessionQuerySet(models.QuerySet["Session"]):
    """Words for talking about sessions."""

    def live(self, now: datetime) -> "SessionQuerySet":
        """Keep sessions that would still be let in at `now`: not revoked, not idle, not too old."""
        return self.filter(revoked_at=None, expires_at__gt=now, idle_at__gt=now).filter(
            Q(user=None) | Q(user__is_active=True, user__session_epoch=F("epoch")),
        )

    def of(self, user_id: uuid.UUID) -> "SessionQuerySet":
        """Keep one user's sessions."""
        return self.filter(user_id=user_id)


class Session(models.Model):
    """One browser that is or was signed in. The cookie's value itself is nowhere: only its SHA-256."""

    key_hash = models.CharField(primary_key=True, max_length=64, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="sessions",
        help_text="Empty while a visitor has not signed in.",
    )
    epoch = models.PositiveIntegerField(default=0)
    data = models.JSONField(default=dict)
    user_agent = models.CharField(max_length=120, blank=True)
    created_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    idle_seconds = models.PositiveIntegerField(default=1800, help_text="15 minutes for staff, 30 for patients.")
    idle_at = models.DateTimeField(help_text="When the session ends unless it is used before.")
    expires_at = models.DateTimeField(help_text="When the session ends however much it is used.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ("-last_seen_at",)
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("created_at") + timedelta(hours=12)),
                name="a_session_ends_after_twelve_hours",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["user", "-last_seen_at"], name="session_by_user"),
            models.Index(fields=["expires_at"], name="session_by_end"),
        ]

    def __str__(self) -> str:
        """Return the browser and the start, never the key."""
        return f"{self.user_agent or 'unknown browser'} since {self.created_at:%Y-%m-%d %H:%M}"
