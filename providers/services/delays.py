"""Say from which delay on a clinic tells its patients by themselves that they will be seen late."""

import uuid
from typing import Final

from mediconnect.errors import Invalid
from mediconnect.outbox import publish
from providers.events import ClinicChanged
from providers.locks import lock_clinic
from providers.models import Clinic

from .editing import at_version, one_edit, save

LEAST: Final = 5
MOST: Final = 240
"""Minutes: less is nobody's delay, more is another day."""


def set_delay_threshold(*, clinic_id: uuid.UUID, version: int, minutes: int | None) -> Clinic:
    """Set the delay (minutes, None for never) and return the clinic.

    Raises `NotFound`, `ChangedMeanwhile` for another version, and `Invalid` for a number outside 5 to 240.
    """
    if minutes is not None and not LEAST <= minutes <= MOST:
        raise Invalid.field("minutes", "A delay is 5 to 240 minutes, as a whole number.")
    with one_edit(dry_run=False):
        clinic = at_version(lock_clinic(clinic_id), version)
        if clinic.tells_late_from != minutes:
            clinic.tells_late_from = minutes
            save(clinic, ["tells_late_from"])
            publish(ClinicChanged(clinic_id=clinic.pk), aggregate_id=clinic.pk)
        return clinic
