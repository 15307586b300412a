"""Patients for administrators: written by the services of the desk, sealed values masked in every list."""

from .contacts import ContactPointAdmin
from .dependants import DependantAdmin
from .merges import MergeAdmin
from .records import PatientAdmin, RegistrationAdmin

__all__ = ["ContactPointAdmin", "DependantAdmin", "MergeAdmin", "PatientAdmin", "RegistrationAdmin"]
