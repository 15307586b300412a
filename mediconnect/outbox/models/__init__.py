"""What was said, and who still has to hear it."""

from .delivery import Delivery
from .fact import Fact

__all__ = ["Delivery", "Fact"]
