"""Name the room of pages that compose several apps."""

from importlib import import_module

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The staff's pages, and the answers to questions that span apps."""

    name = "mediconnect.portal"
    label = "portal"

    def ready(self) -> None:
        """Register the deployment check."""
        import_module("mediconnect.portal.checks")
