"""The queue's door to the relay."""

from .models import Delivery
from .services.relaying import relay
from .services.waking import wake


def relay_due() -> None:
    """Work what is due, and ask for another turn if this one ended before the work did."""
    if relay() and Delivery.objects.due().exists():
        wake()
