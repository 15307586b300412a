"""Write the day sheets now, without waiting for the hour."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from mediconnect.portal.sheet.keeping import keep_sheets


class Command(BaseCommand):
    """Write today's and tomorrow's sheet of every active clinic; exit 1 where one could not be written."""

    help = "Writes the day sheets of every active clinic, today and tomorrow, into DAY_SHEETS_DIR."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write them and say how it went."""
        outcome = keep_sheets()
        if outcome is None:
            raise CommandError("DAY_SHEETS_DIR is not set: no sheets are kept (docs/operations/outage.md).")
        if outcome.failed:
            raise CommandError(f"The sheets of {outcome.failed} clinics were not kept; the log names them.")
        self.stdout.write(f"Kept the sheets of {outcome.kept} clinics in {settings.DAY_SHEETS_DIR}.")
