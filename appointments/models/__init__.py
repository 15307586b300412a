"""Visits and what they occupy: the tables in which a time is sold once."""

from .appointment import Appointment, Priority, Source
from .claim import Claim
from .hold import Hold
from .reasons import CancellationReason
from .session import Session
from .status import ACTIVE, CLAIMING, Status

__all__ = [
    "ACTIVE",
    "CLAIMING",
    "Appointment",
    "CancellationReason",
    "Claim",
    "Hold",
    "Priority",
    "Session",
    "Source",
    "Status",
]
