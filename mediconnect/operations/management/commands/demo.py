"""Fill the database with the demo."""

import time
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mediconnect.operations.demo import fill
from mediconnect.operations.refusing import add_force, refuse_in_production


class Command(BaseCommand):
    """Write demo data; run again, bring it up to today. Refuses where DEBUG is off, unless --force."""

    help = "Write demo data: 3 clinics, 12 providers, 300 patients, four weeks of visits. Running it again changes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --force."""
        add_force(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill, and say what was done."""
        refuse_in_production(force=options["force"])
        began = time.monotonic()
        filled = fill()
        if options["verbosity"] > 0:
            done = "Demo data written" if filled.built else "The demo is there already"
            self.stdout.write(f"{done}; {filled.visits} visits added ({time.monotonic() - began:.1f} s).")
