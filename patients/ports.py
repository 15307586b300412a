"""What patients must ask of the apps above, without importing them."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping, Sequence
from functools import lru_cache
from typing import Any, Protocol, TypedDict, cast

from django.conf import settings
from django.db.models import Model
from django.utils.module_loading import import_string

from .rules.merging import Conflict, Line, Pair


class Dashboard(TypedDict):
    """A patient's visits as the API shows them: those to come, soonest first, and those gone by, latest first."""

    upcoming: list[dict[str, Any]]
    past: list[dict[str, Any]]


class VisitsOfPatients(Protocol):
    """Knows visits. Filled by the function that `settings.VISITS_OF_PATIENTS` names."""

    def __call__(self, patient_ids: Sequence[uuid.UUID], *, now: dt.datetime) -> Dashboard:
        """Return the visits of these patients, without anything that only staff may read."""
        ...


class MessagesOfPatients(Protocol):
    """Knows messages. Filled by the function that `settings.MESSAGES_OF_PATIENTS` names."""

    def __call__(self, patient_ids: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
        """Return the last messages to these patients, latest first, without their words and with masked addresses."""
        ...


class MergeStep(Protocol):
    """Knows what of its app follows a patient into another record. Filled by what `settings.MERGE_STEPS` names, in order.

    `follows` names the tables with a `patient` that follow, and what their rows are called in counts (empty: uncounted);
    `locked` those whose rows are locked first, in the order of docs/locking.md.
    """

    follows: Mapping[type[Model], str]
    locked: Sequence[type[Model]]

    def conflicts(self, pair: Pair, *, within: Collection[uuid.UUID] | None) -> Sequence[Conflict]:
        """Return what keeps the two apart; of clinics that are not `within` (None: all) only that there is something."""
        ...

    def settle(self, pair: Pair) -> Sequence[Line]:
        """Change what could not stand beside the rows that come, and return the lines of it. Both records are locked."""
        ...


@lru_cache(maxsize=8)
def _named(name: str) -> Any:
    return import_string(name)


def dashboard_of(patient_ids: Sequence[uuid.UUID], *, now: dt.datetime) -> Dashboard:
    """Return the visits of these patients from the app that knows them."""
    return cast("VisitsOfPatients", _named(settings.VISITS_OF_PATIENTS))(patient_ids, now=now)


def messages_of(patient_ids: Sequence[uuid.UUID]) -> list[dict[str, Any]]:
    """Return the last messages to these patients from the app that knows them."""
    return cast("MessagesOfPatients", _named(settings.MESSAGES_OF_PATIENTS))(patient_ids)


def merge_steps() -> list[MergeStep]:
    """Return what takes part in a merge, app by app."""
    return [cast("MergeStep", _named(name)) for name in settings.MERGE_STEPS]
