"""For whom visits are booked: the tables of patients and of how they are known and reached."""

from .contact import ContactPoint, ContactSystem, index_of_last_four, index_of_value
from .dependant import Dependant
from .merge import Merge, follows_a_merge
from .patient import Patient, Registration

__all__ = [
    "ContactPoint",
    "ContactSystem",
    "Dependant",
    "Merge",
    "Patient",
    "Registration",
    "follows_a_merge",
    "index_of_last_four",
    "index_of_value",
]
