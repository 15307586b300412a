"""The life of a visit: its states, which of them occupy time, and which steps lead from one to another."""

from typing import Final

from django.db import models


class Status(models.TextChoices):
    """Where a visit stands."""

    BOOKED = "booked", "booked"
    CONFIRMED = "confirmed", "confirmed"
    ARRIVED = "arrived", "arrived"
    ROOMED = "roomed", "in a room"
    IN_PROGRESS = "in_progress", "with provider"
    COMPLETED = "completed", "completed"
    CANCELLED = "cancelled", "cancelled"
    NO_SHOW = "no_show", "no-show"


# A visit in one of these is still to happen or is happening: it must lie inside the openings.
ACTIVE: Final = (Status.BOOKED, Status.CONFIRMED, Status.ARRIVED, Status.ROOMED, Status.IN_PROGRESS)

# A visit in one of these occupies its provider, room, device and patient. A completed one did, and keeps what it took.
CLAIMING: Final = (*ACTIVE, Status.COMPLETED)

# Before the patient is there, a visit may still be moved.
MOVABLE: Final = (Status.BOOKED, Status.CONFIRMED)

# Every step forward, and the steps back that undo takes. The database refuses all others, whoever writes.
# A cancelled visit comes back as booked only: a confirmation does not survive a cancellation (reliability.md, C-3).
TRANSITIONS: Final[dict[Status, tuple[Status, ...]]] = {
    Status.BOOKED: (Status.CONFIRMED, Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW),
    Status.CONFIRMED: (Status.BOOKED, Status.ARRIVED, Status.CANCELLED, Status.NO_SHOW),
    Status.ARRIVED: (Status.BOOKED, Status.CONFIRMED, Status.ROOMED, Status.IN_PROGRESS, Status.CANCELLED),
    Status.ROOMED: (Status.ARRIVED, Status.IN_PROGRESS, Status.CANCELLED),
    Status.IN_PROGRESS: (Status.ARRIVED, Status.ROOMED, Status.COMPLETED),
    Status.COMPLETED: (Status.IN_PROGRESS,),
    Status.CANCELLED: (Status.BOOKED,),
    Status.NO_SHOW: (Status.BOOKED, Status.CONFIRMED),
}
