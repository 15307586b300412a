"""Name the room of users and sign-in."""

from importlib import import_module

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Users, sessions, second factor, invitations and the OAuth 2 server's rules."""

    name = "mediconnect.accounts"
    label = "accounts"
    verbose_name = "accounts"

    def ready(self) -> None:
        """Register the deployment check."""
        import_module("mediconnect.accounts.checks")
