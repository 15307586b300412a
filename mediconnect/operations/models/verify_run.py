"""One self-check: when, who asked for it, and which promises held. Names and counts, nothing about anybody."""

from typing import ClassVar

from django.conf import settings
from django.db import models

from mediconnect.records.models import IdentifiedModel


class VerifyRun(IdentifiedModel):
    """A run over all checks of `verifying`, worked in turns: `checks` grows with each that is done.

    Each entry of `checks` is {name, held, count}: `held` is None for a check that was not done within its time, and
    `count` how many rows break the promise. `ok` is set at the end: no promise is broken and none was left unlooked at.
    `lease_until` says that a worker is at it.
    """

    class How(models.TextChoices):
        """What made it run."""

        NIGHTLY = "nightly", "nightly"
        BY_HAND = "by_hand", "by hand"

    how = models.CharField(max_length=8, choices=How)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+", db_index=False
    )
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    ok = models.BooleanField(null=True, blank=True)
    checks = models.JSONField(default=list)

    class Meta:
        ordering: ClassVar = ["-created_at"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(finished_at=None, ok=None) | models.Q(finished_at__isnull=False, ok__isnull=False),
                name="a_finished_check_has_a_verdict",
            ),
            # Two that run at once would only ask the same twice; a second wish joins the first.
            models.UniqueConstraint(
                models.Value(1), condition=models.Q(finished_at=None), name="one_self_check_runs_at_a_time"
            ),
        ]
        indexes: ClassVar = [models.Index(fields=["-created_at"], name="self_checks_newest_first")]

    def __str__(self) -> str:
        return f"{self.get_how_display()} {self.created_at:%Y-%m-%d %H:%M}"
