"""Name the room of pages that compose several apps."""

from django.apps import AppConfig


class PortalConfig(AppConfig):
    """The staff's pages, and the answers to questions that span apps."""

    name = "mediconnect.portal"
    label = "portal"
