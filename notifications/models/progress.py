"""How far a job got: to read, never to decide by. What is due is asked of the rows themselves."""

from django.db import models


class Progress(models.Model):
    """The last turn of a job that works in batches."""

    name = models.CharField(primary_key=True, max_length=40)
    last_processed_at = models.DateTimeField(null=True, blank=True, help_text="the due time up to which it got")
    turned_at = models.DateTimeField(null=True, blank=True)
    rows = models.PositiveIntegerField(default=0)
    milliseconds = models.PositiveIntegerField(default=0)
    paused_until = models.DateTimeField(null=True, blank=True, help_text="too much is queued; it looks again then")

    class Meta:
        verbose_name_plural = "progress"

    def __str__(self) -> str:
        """Return the job's name."""
        return self.name
