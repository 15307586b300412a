"""A patient's visits for the dashboard: fills the port `patients.ports.VisitsOfPatients`."""

import datetime as dt
import uuid
from collections.abc import Sequence
from typing import Any

from appointments.queries import visits
from mediconnect.api.principal import Principal

from .rendering import render


def dashboard_of(patient_ids: Sequence[uuid.UUID], *, now: dt.datetime) -> dict[str, list[dict[str, Any]]]:
    """Return the upcoming and the past visits of these patients as they may see them: nothing for staff alone."""
    patient = Principal(user_id=None, kind="patient", patient_ids=tuple(patient_ids))
    rows = visits.dashboard_of(patient_ids, now=now)
    return {when: [render(row, patient) for row in found] for when, found in rows.items()}
