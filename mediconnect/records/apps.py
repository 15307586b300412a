"""Name the room of what every stored record shares."""

from django.apps import AppConfig


class RecordsConfig(AppConfig):
    """Identifiers, versions, history and field encryption."""

    name = "mediconnect.records"
    label = "records"
    verbose_name = "records"
