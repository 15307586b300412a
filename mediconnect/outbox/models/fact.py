"""A fact: something that happened, said once, never changed afterwards."""

from typing import TYPE_CHECKING, ClassVar, TypeVar

from django.db import models
from django.db.models.functions import Now

from mediconnect.outbox.rules import decode
from mediconnect.records.identifiers import uuid7

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

E = TypeVar("E", bound="DataclassInstance")


class Fact(models.Model):
    """One published event, by name and ids only. `publish()` writes it; nothing updates it."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(
        max_length=100, help_text="App and class of the event, such as appointments.AppointmentBooked."
    )
    aggregate_id = models.UUIDField(null=True, blank=True, help_text="The object that the fact is about.")
    args = models.JSONField(help_text="The event's fields: ids, whole numbers, choices.")
    request_id = models.CharField(max_length=64, blank=True)
    trace_context = models.TextField(blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["aggregate_id", "created_at"], name="facts_of_an_aggregate"),
            models.Index(fields=["created_at"], name="facts_by_age"),
        ]

    def __str__(self) -> str:
        """Return name and id, which are fit for a log."""
        return f"{self.name} {self.id}"

    def read(self, event_type: type[E]) -> E:
        """Return the event as it was published. Raises `UnreadableFact` if the arguments do not fit its fields."""
        return decode(event_type, self.args)
