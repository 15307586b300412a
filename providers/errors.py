"""Why hours, rooms and types cannot be changed so, in words for the person who runs the clinic."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from mediconnect.errors import DomainError, VersionConflict

if TYPE_CHECKING:
    from django.db.models import Model


class ChangedMeanwhile(VersionConflict):
    """Somebody else changed the row first. `record` is the row as it is now; the door that shows it renders it."""

    def __init__(self, record: "Model") -> None:
        super().__init__()
        self.record = record


class VisitsInTheWay(DomainError):
    """Open time with visits in it would close. `touched` lists the visits as (clinic's id, visit); doors render them."""

    code, status, title = "visits-in-the-way", 409, "Visits are in the way"
    sentence = "Move or cancel the visits in “visits” first, then send the change again."

    def __init__(self, detail: str = "", *, touched: Sequence[Any] = (), **extra: Any) -> None:
        super().__init__(detail, **extra)
        self.touched = touched


class NameTaken(DomainError):
    """The clinic has something of this name already."""

    code, status, title = "name-taken", 409, "The name is taken"
    sentence = "There is one of this name already; choose another."


class NoHoursOfItsOwn(DomainError):
    """A room or device without working hours can be used at any time, so there is nothing to add to or take away from."""

    code, status, title = "no-hours-of-its-own", 422, "It has no hours of its own"
    sentence = "A room or device without working hours can be used at any time. Give it working hours first."
