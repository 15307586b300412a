"""How far a batch is, what became of each of its visits, and which there were."""

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from appointments.models import Batch, BatchItem

_STATES = BatchItem.State


@dataclass(frozen=True, slots=True)
class Progress:
    """How many visits of a batch stand where."""

    waiting: int = 0
    done: int = 0
    refused: int = 0
    stopped: int = 0
    undone: int = 0

    @property
    def total(self) -> int:
        """All of them."""
        return self.waiting + self.done + self.refused + self.stopped + self.undone

    @property
    def is_over(self) -> bool:
        """Whether nothing waits any more."""
        return not self.waiting


def counted(batches: QuerySet[Batch]) -> QuerySet[Batch]:
    """Return the batches, each with how many of its visits stand where, as attributes named after the states."""
    counts = {str(state): Count("items", filter=Q(items__state=state)) for state in _STATES}
    return batches.annotate(**counts)


def progress_of(batch: Batch) -> Progress:
    """Return the counts of a batch from `counted`."""
    return Progress(**{str(state): getattr(batch, str(state)) for state in _STATES})


def batches_of(clinic_id: uuid.UUID, *, since: dt.datetime, by: uuid.UUID | None = None) -> QuerySet[Batch]:
    """Return the clinic's batches since that moment with their counts, the newest first; `by` narrows to one person's."""
    found = Batch.objects.filter(clinic=clinic_id, created_at__gte=since).select_related("created_by", "to_provider")
    return counted(found if by is None else found.filter(created_by=by)).order_by("-created_at", "-id")


def items_of(batch_id: uuid.UUID) -> QuerySet[BatchItem]:
    """Return the visits of a batch with what a list of them names, in the order in which they are worked."""
    return (
        BatchItem.objects.filter(batch=batch_id)
        .select_related("appointment__patient", "appointment__provider", "appointment__appointment_type")
        .defer(
            "appointment__reason",
            "appointment__patient_note",
            "appointment__internal_note",
            "appointment__patient__notes",
        )
        .order_by("place")
    )
