"""Seal everything under the newest of FIELD_ENCRYPTION_KEYS, so that older keys can be dropped."""

from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediconnect.records.resealing import BATCH, Progress, reseal_history, reseal_table, sealed_tables


class Command(BaseCommand):
    """`reseal [--check] [--batch ROWS]`: may be stopped at any time and started again; see docs/operations/key-rotation.md."""

    help = "Reseals all encrypted values, history included, under the first of FIELD_ENCRYPTION_KEYS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the wish to look only, and how many rows one transaction rewrites."""
        parser.add_argument(
            "--check", action="store_true", help="write nothing; fail while anything needs an older key"
        )
        parser.add_argument("--batch", type=int, default=BATCH, metavar="ROWS")

    def handle(self, *args: Any, check: bool, batch: int, **options: Any) -> None:
        """Go through all tables, then the history, which the tables' own changes may still add to meanwhile."""
        if batch < 1:
            raise CommandError("A batch has one row at least.")
        runs = [reseal_table(table, write=not check, batch=batch) for table in sealed_tables()]
        done = [self._follow(run) for run in (*runs, reseal_history(write=not check, batch=batch))]
        due = sum(progress.due for progress in done if progress)
        unreadable = sum(progress.unreadable for progress in done if progress)
        if unreadable:
            raise CommandError(f"{unreadable} values open under none of the listed keys; put the missing key back.")
        if check and due:
            raise CommandError(f"{due} values still need an older key; run reseal.")
        self.stdout.write("Everything is sealed under the newest key.")

    def _follow(self, run: Iterator[Progress]) -> Progress | None:
        progress = None
        for progress in run:
            self.stdout.write(f"{progress.table}: {progress.rows} rows, {progress.due} values", ending="\r")
        if progress is not None:
            self.stdout.write(f"{progress.table}: {progress.rows} rows, {progress.due} values")
        return progress
