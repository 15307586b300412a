"""A patient's visits at a glance, as the contract shows visits. Fills a port of patients."""

import datetime as dt
import uuid
from collections.abc import Sequence

from appointments.queries.visits import dashboard_rows
from mediconnect.api.principal import Principal
from patients.ports import Dashboard

from .rendering import render


def dashboard_of(patient_ids: Sequence[uuid.UUID], *, now: dt.datetime) -> Dashboard:
    """Return the visits to come, soonest first, and the last twenty gone by, without what only staff may read."""
    patient = Principal(None, "patient")
    upcoming, past = dashboard_rows(patient_ids, now=now)
    return {"upcoming": [render(row, patient) for row in upcoming], "past": [render(row, patient) for row in past]}
