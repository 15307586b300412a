"""Name the room of facts and their deliveries."""

from django.apps import AppConfig


class OutboxConfig(AppConfig):
    """Facts, deliveries, the relay between them and the list of the dead."""

    name = "mediconnect.outbox"
    label = "outbox"
    verbose_name = "outbox"
