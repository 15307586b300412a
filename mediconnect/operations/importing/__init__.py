"""Bring people and places in from FHIR R4: read everything, then write what is not known yet, one thing at a time."""

from .reporting import Problem, Report
from .running import Wishes, import_files

__all__ = ["Problem", "Report", "Wishes", "import_files"]
