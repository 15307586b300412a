"""What appointments must ask of the apps above, without importing them."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Protocol, cast

from django.conf import settings
from django.utils.module_loading import import_string


class QuietUntil(Protocol):
    """Knows when people sleep. Filled by the function that `settings.QUIET_UNTIL` names."""

    def __call__(
        self, patient_ids: Collection[uuid.UUID], clinic_id: uuid.UUID, at: dt.datetime
    ) -> Mapping[uuid.UUID, dt.datetime | None]:
        """Return for each of the patients until when they are not to be disturbed at that moment; None where they may be."""
        ...


@lru_cache(maxsize=8)
def _named(name: str) -> QuietUntil:
    return cast("QuietUntil", import_string(name))


def quiet_until(
    patient_ids: Collection[uuid.UUID], clinic_id: uuid.UUID, at: dt.datetime
) -> Mapping[uuid.UUID, dt.datetime]:
    """Return who of the patients is not to be disturbed at that moment by this clinic, and until when; nobody else."""
    if not patient_ids:
        return {}
    nights = _named(settings.QUIET_UNTIL)(patient_ids, clinic_id, at)
    return {patient: until for patient, until in nights.items() if until is not None}
