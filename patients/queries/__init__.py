"""What is asked about patients: who may be seen, who is meant, who may be the same person."""

from .records import complete, in_care_of, phones_of, shown_to, visible_to
from .search import best_fits, found_by
from .suspects import Suspect, suspects

__all__ = [
    "Suspect",
    "best_fits",
    "complete",
    "found_by",
    "in_care_of",
    "phones_of",
    "shown_to",
    "suspects",
    "visible_to",
]
