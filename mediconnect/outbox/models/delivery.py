"""A delivery: one fact on its way to one listener, with its life written down."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from .fact import Fact


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    """The words in which deliveries are asked for."""

    def pending(self) -> "DeliveryQuerySet":
        """Return those that somebody still has to hear."""
        return self.filter(state=Delivery.State.PENDING)

    def due(self) -> "DeliveryQuerySet":
        """Return those that could be worked now: their time has come and nobody holds them."""
        free = models.Q(lease_until__isnull=True) | models.Q(lease_until__lt=Now())
        return self.pending().filter(free, due_at__lte=Now())

    def dead(self) -> "DeliveryQuerySet":
        """Return those that a person has to look at."""
        return self.filter(state=Delivery.State.DEAD)


class Delivery(models.Model):
    """What one listener owes one fact. `publish()` writes it, the relay moves it, `requeue()` revives it."""

    class State(models.TextChoices):
        """Where a delivery stands."""

        PENDING = "pending"
        DONE = "done"
        DEAD = "dead"

    id = models.BigAutoField(primary_key=True)
    fact = models.ForeignKey(Fact, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    handler = models.CharField(max_length=200, help_text="Dotted name of the function that hears the fact.")
    state = models.CharField(max_length=7, choices=State.choices, db_default=State.PENDING)
    attempts = models.PositiveSmallIntegerField(
        db_default=0, help_text="Counted before the work, so that a killed worker counts."
    )
    due_at = models.DateTimeField(db_default=Now())
    lease_until = models.DateTimeField(null=True, blank=True)
    lease_token = models.UUIDField(
        null=True, blank=True, help_text="Whoever does not hold it may not write the outcome."
    )
    last_error = models.CharField(
        max_length=200, blank=True, db_default="", help_text="The class of the last error, never its words."
    )
    done_at = models.DateTimeField(null=True, blank=True)
    requeued_at = models.DateTimeField(null=True, blank=True)
    requeued_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", db_index=False
    )

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["fact", "handler"], name="a_listener_hears_a_fact_once"),
            models.CheckConstraint(
                condition=models.Q(state__in=["pending", "done", "dead"]), name="a_delivery_is_pending_done_or_dead"
            ),
            models.CheckConstraint(
                condition=models.Q(state="done", done_at__isnull=False)
                | (~models.Q(state="done") & models.Q(done_at__isnull=True)),
                name="a_done_delivery_says_when",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["due_at", "id"], name="deliveries_due", condition=models.Q(state="pending")),
            models.Index(fields=["id"], name="deliveries_dead", condition=models.Q(state="dead")),
        ]

    def __str__(self) -> str:
        """Return fact, listener and state, which are fit for a log."""
        return f"{self.fact_id} to {self.handler}: {self.state}"
