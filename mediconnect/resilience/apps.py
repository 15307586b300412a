"""Name the room of resilience."""

from django.apps import AppConfig


class ResilienceConfig(AppConfig):
    """Limits, breakers, retries: what keeps one sick neighbour from stopping the clinic."""

    name = "mediconnect.resilience"
    label = "resilience"
    verbose_name = "resilience"
