"""Visits and what they occupy: the tables in which a time is sold once; and who waits, comes back or must be moved."""

from .appointment import Appointment, Priority, Source
from .batch import Batch, BatchItem
from .calendar_feed import CalendarFeed
from .claim import Claim
from .displacement import DisplacedVisit, Displacement
from .freed_time import FreedTime
from .hold import Hold
from .reasons import CancellationReason
from .series import Series
from .session import Session
from .status import ACTIVE, CLAIMING, Status
from .ticket import CallScreen, Ticket
from .waitlist import WaitlistEntry, WaitlistOffer, WaitlistPass, WaitlistPolicy

__all__ = [
    "ACTIVE",
    "CLAIMING",
    "Appointment",
    "Batch",
    "BatchItem",
    "CalendarFeed",
    "CallScreen",
    "CancellationReason",
    "Claim",
    "DisplacedVisit",
    "Displacement",
    "FreedTime",
    "Hold",
    "Priority",
    "Series",
    "Session",
    "Source",
    "Status",
    "Ticket",
    "WaitlistEntry",
    "WaitlistOffer",
    "WaitlistPass",
    "WaitlistPolicy",
]
