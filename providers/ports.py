"""What providers must ask of the apps above, without importing them."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string

OpenPiece = tuple[dt.datetime, dt.datetime, frozenset[uuid.UUID] | None]


@dataclass(frozen=True, slots=True)
class TouchedVisit:
    """A visit that a change of hours would leave outside of them."""

    id: uuid.UUID
    start: dt.datetime
    end: dt.datetime
    appointment_type_id: uuid.UUID
    patient_id: uuid.UUID


class VisitsOutside(Protocol):
    """Knows visits. Filled by the function that `settings.VISITS_TOUCHED` names."""

    def __call__(
        self,
        resource_id: uuid.UUID,
        clinic_id: uuid.UUID,
        pieces: Sequence[OpenPiece],
        since: dt.datetime,
        until: dt.datetime,
    ) -> Sequence[TouchedVisit]:
        """Return the active visits of the resource at the clinic that these pieces would not cover, in order of time.

        Asked about are visits that overlap `since` to `until`; a visit put outside the hours on purpose does not count.
        """
        ...


class TimeOpened(Protocol):
    """Knows who waits for time. Filled by the function that `settings.TIME_OPENED` names."""

    def __call__(self, resource_id: uuid.UUID, clinic_id: uuid.UUID, opens: Sequence[OpenPiece]) -> None:
        """Hear what an edit of hours opened for the resource at the clinic, in the edit's own transaction, once written."""
        ...


@lru_cache(maxsize=8)
def _named(name: str) -> VisitsOutside:
    return cast("VisitsOutside", import_string(name))


@lru_cache(maxsize=8)
def _hearing(name: str) -> TimeOpened:
    return cast("TimeOpened", import_string(name))


def visits_outside(
    resource_id: uuid.UUID, clinic_id: uuid.UUID, pieces: Sequence[OpenPiece], since: dt.datetime, until: dt.datetime
) -> Sequence[TouchedVisit]:
    """Return the visits that these pieces would not cover, from the app that knows them."""
    return _named(settings.VISITS_TOUCHED)(resource_id, clinic_id, pieces, since, until)


def time_opened(resource_id: uuid.UUID, clinic_id: uuid.UUID, opens: Sequence[OpenPiece]) -> None:
    """Tell the app that knows who waits for time what opened, in the transaction of the edit."""
    _hearing(settings.TIME_OPENED)(resource_id, clinic_id, opens)
