"""Show the last messages that the sandbox recorded."""

from itertools import islice
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from notifications.channels.sandbox import Sandbox
from notifications.models import Message


class Command(BaseCommand):
    """Print the last messages, links and codes included: for a developer's machine, refused where DEBUG is off."""

    help = "Show the last messages that the sandbox recorded, links and codes included (development only)."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many to show."""
        parser.add_argument("--last", type=int, default=10, metavar="N", help="how many, newest last (default 10)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Print them, oldest first, so that the newest stands next to the prompt."""
        if not settings.DEBUG:
            refusal = "Messages hold links and codes; they are shown only where DEBUG is on."
            raise CommandError(refusal)
        if options["last"] < 1:
            refusal = "--last must be 1 or more."
            raise CommandError(refusal)
        handed_over = Message.objects.filter(via=Sandbox.name).order_by("-sent_at", "-id").iterator()
        worded = islice((message for message in handed_over if message.body), options["last"])
        for message in reversed(list(worded)):
            self.stdout.write(f"{message.sent_at:%Y-%m-%d %H:%M:%S} {message.channel} to {message.recipient}")
            self.stdout.write(f"{message.subject}\n{message.body}\n".lstrip())
