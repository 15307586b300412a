"""Name the room of health."""

from django.apps import AppConfig


class HealthConfig(AppConfig):
    """Liveness, readiness, and the heartbeats of the queue's clusters."""

    name = "mediconnect.health"
    label = "health"
    verbose_name = "health"
