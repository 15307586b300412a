"""What must always be true of the data, each as one statement that finds whatever breaks it."""

from .check import Check, Severity
from .checks import CHECKS
from .running import Broken, Outcome, broken, examine, look_at

__all__ = ["CHECKS", "Broken", "Check", "Outcome", "Severity", "broken", "examine", "look_at"]
