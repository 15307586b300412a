"""What is known about visits and time."""

from .touched import visits_outside

__all__ = ["visits_outside"]
