"""Print a bearer token for a patient, for scripts and support; leaves an audit row."""

import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediconnect.accounts.errors import TokenRefused
from mediconnect.accounts.oauth import ACCESS_TOKEN_SECONDS, PATIENT_SCOPES
from mediconnect.accounts.services.tokens import issue_token


class Command(BaseCommand):
    """`access_token EMAIL [--scope …] [--expires SECONDS]` prints the token and nothing else."""

    help = "Print a bearer token for the patient with this e-mail address. Audited."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the address, any number of scopes (all of a patient's by default) and a life in seconds."""
        parser.add_argument("email")
        parser.add_argument("--scope", action="append", help="one or more scopes, separated by spaces or repeated")
        parser.add_argument("--expires", type=int, default=ACCESS_TOKEN_SECONDS, metavar="SECONDS")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the token, or say why there is none."""
        scopes = " ".join(options["scope"] or PATIENT_SCOPES).split()
        try:
            token = issue_token(
                email=options["email"],
                scopes=scopes,
                seconds=options["expires"],
                issued_by=_operator(),
            )
        except TokenRefused as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(token)


def _operator() -> str:
    """Return the operating system's account; a container without one still gets an audit row."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
