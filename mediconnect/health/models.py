"""When each cluster last proved that tasks still come through it."""

import datetime

from django.db import connection, models
from django.db.models.functions import Now


class HeartbeatQuerySet(models.QuerySet["Heartbeat"]):
    """The words in which heartbeats are written and asked for."""

    def beat(self, instance: str) -> None:
        """Note that a canary of this instance arrived just now."""
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO health_heartbeat (instance, beat_at, restarts) VALUES (%s, statement_timestamp(), 0)"
                " ON CONFLICT (instance) DO UPDATE SET beat_at = excluded.beat_at",
                [instance],
            )

    def note_restart(self, instance: str, restarts: int) -> None:
        """Note how often the supervisor has restarted this instance."""
        self.filter(pk=instance).update(restarts=restarts)

    def age_of(self, instance: str) -> float | None:
        """Return the seconds since the last canary, by the database's clock; None if there never was one."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT extract(epoch FROM statement_timestamp() - beat_at)::float8 FROM health_heartbeat"
                " WHERE instance = %s",
                [instance],
            )
            row: tuple[float] | None = cursor.fetchone()
        return row[0] if row else None

    def forgotten(self) -> "HeartbeatQuerySet":
        """Return those of instances that have been gone for a day."""
        return self.filter(beat_at__lt=Now() - datetime.timedelta(days=1))


class Heartbeat(models.Model):
    """One running cluster: its name and supervisor, its last canary, how often it had to be restarted."""

    instance = models.CharField(primary_key=True, max_length=100)
    beat_at = models.DateTimeField(db_default=Now())
    restarts = models.PositiveIntegerField(db_default=0)

    objects = HeartbeatQuerySet.as_manager()

    def __str__(self) -> str:
        """Return the instance."""
        return self.instance
