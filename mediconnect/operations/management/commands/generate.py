"""Generate data for load tests."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediconnect.operations.generating import Size, TooDense, generate
from mediconnect.operations.refusing import add_force, refuse_in_production


class Command(BaseCommand):
    """Write so many providers, patients and visits by COPY. Refuses where DEBUG is off, unless --force."""

    help = "Generate load-test data by COPY: a million visits in a few minutes. `verify` proves it afterwards."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the numbers."""
        parser.add_argument("--providers", type=int, required=True)
        parser.add_argument("--patients", type=int, required=True)
        parser.add_argument("--appointments", type=int, required=True)
        parser.add_argument("--clinics", type=int, default=None, help="one for each 50 providers, unless said")
        add_force(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Generate, telling how far it is."""
        refuse_in_production(force=options["force"])
        size = Size(options["providers"], options["patients"], options["appointments"], options["clinics"])
        began = time.monotonic()

        def say(line: str) -> None:
            if options["verbosity"] > 0:
                self.stdout.write(f"{time.monotonic() - began:6.1f} s  {line}")
                self.stdout.flush()

        try:
            generate(size, say=say)
        except TooDense as refusal:
            raise CommandError(str(refusal)) from refusal
        say(f"Done: {size.appointments:,} visits. Prove them: manage.py verify")
