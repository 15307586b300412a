"""Write `mediconnect/schedule.py` into the queue's own table."""

from typing import Any

from django.core.management.base import BaseCommand

from mediconnect.operations.workers.timetable import write_timetable


class Command(BaseCommand):
    """Bring the queue's schedules in line with the code; running it again changes nothing."""

    help = "Bring the queue's schedules in line with mediconnect/schedule.py."

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the table and say what changed."""
        written, removed = write_timetable()
        self.stdout.write(f"Schedules: {written} new or changed, {removed} removed.")
