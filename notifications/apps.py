"""Name the room of messages to people."""

from django.apps import AppConfig


class NotificationsConfig(AppConfig):
    """Messages to people: written because of facts, recorded by the sandbox."""

    name = "notifications"
    label = "notifications"
