"""Visits for administrators: booked, moved, stepped and cancelled by the services; what they occupy is there to read."""

from .batches import BatchAdmin, BatchItemAdmin
from .displacements import DisplacedVisitAdmin, DisplacementAdmin
from .feeds import CalendarFeedAdmin
from .occupation import ClaimAdmin, HoldAdmin, SessionAdmin
from .series import SeriesAdmin
from .visits import AppointmentAdmin
from .waiting import (
    FreedTimeAdmin,
    WaitlistEntryAdmin,
    WaitlistOfferAdmin,
    WaitlistPassAdmin,
    WaitlistPolicyAdmin,
)

__all__ = [
    "AppointmentAdmin",
    "BatchAdmin",
    "BatchItemAdmin",
    "CalendarFeedAdmin",
    "ClaimAdmin",
    "DisplacedVisitAdmin",
    "DisplacementAdmin",
    "FreedTimeAdmin",
    "HoldAdmin",
    "SeriesAdmin",
    "SessionAdmin",
    "WaitlistEntryAdmin",
    "WaitlistOfferAdmin",
    "WaitlistPassAdmin",
    "WaitlistPolicyAdmin",
]
