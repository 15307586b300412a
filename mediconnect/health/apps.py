"""Name the room of health."""

import logging

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """Liveness, readiness, and the heartbeats of the queue's clusters."""

    name = "mediconnect.health"
    label = "health"
    verbose_name = "health"

    def ready(self) -> None:
        """Silence the library's traceback per failed round; the probe tells each change once."""
        logging.getLogger("health_check").setLevel(logging.CRITICAL)
