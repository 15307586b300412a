"""The canary's door."""

from .models import Heartbeat


def beat(instance: str) -> None:
    """Note that a task came through this instance's queue, pusher and worker."""
    Heartbeat.objects.beat(instance)
