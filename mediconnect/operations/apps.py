"""Name the room of commands and worker processes."""

from django.apps import AppConfig


class OperationsConfig(AppConfig):
    """Commands and processes that keep the house running."""

    name = "mediconnect.operations"
    label = "operations"
    verbose_name = "operations"
