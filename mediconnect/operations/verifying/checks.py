"""Every check there is, in the order in which a person would want to hear of it."""

from typing import Final

from . import batches, claims, displacements, hooks, messages, people, traces, visits, waitlist
from .check import Check

CHECKS: Final[tuple[Check, ...]] = (
    *visits.CHECKS,
    *claims.CHECKS,
    *traces.checks(),
    *people.CHECKS,
    *messages.CHECKS,
    *batches.CHECKS,
    *waitlist.CHECKS,
    *displacements.CHECKS,
    *hooks.CHECKS,
)
