"""Prove the invariants on the live database."""

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError
from django.utils import timezone

from mediconnect.operations.verifying import CHECKS, Outcome, Severity, examine
from mediconnect.operations.verifying.recording import record


class Command(BaseCommand):
    """Print a line for each check with its time; exit 1 with a list when a promise is broken."""

    help = "Prove the invariants on the live database; exit 1 and a list when one is broken. Writes nothing but how it went."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the form of the answer and the names of the checks."""
        parser.add_argument("--json", action="store_true", help="one JSON document instead of a table")
        parser.add_argument(
            "--only", action="append", default=[], metavar="NAME", help="run this check; may be repeated"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the checks and say what they found."""
        unknown = sorted(set(options["only"]) - {check.name for check in CHECKS})
        if unknown:
            raise CommandError(f"There is no check named {', '.join(unknown)}.")
        outcomes, started_at = [], timezone.now()
        for outcome in examine(options["only"]):
            outcomes.append(outcome)
            if not options["json"]:
                self.stdout.write(_line(outcome))
                self.stdout.flush()
        if not options["only"]:
            self._keep(outcomes, started_at)
        errors = [outcome for outcome in outcomes if outcome.found and outcome.found.severity == Severity.ERROR]
        self.stdout.write(_document(outcomes) if options["json"] else _verdict(outcomes, errors))
        if errors:
            raise SystemExit(1)

    def _keep(self, outcomes: Sequence[Outcome], started_at: dt.datetime) -> None:
        """Keep how the run went for the reliability page; a database that takes no writes, such as a copy, is no reason to fail."""
        try:
            record(outcomes, started_at=started_at)
        except DatabaseError as error:
            self.stderr.write(f"The run is not kept: the database takes no writes ({type(error).__name__}).")


def _line(outcome: Outcome) -> str:
    word = outcome.found.severity.value.upper() if outcome.found else "ok"
    line = f"{word:<8} {outcome.seconds:7.2f} s  {outcome.check.sentence}"
    return f"{line}\n           {outcome.found.count}: {', '.join(outcome.found.ids)}" if outcome.found else line


def _verdict(outcomes: Sequence[Outcome], errors: Sequence[Outcome]) -> str:
    seconds = sum(outcome.seconds for outcome in outcomes)
    if not errors:
        return f"All {len(outcomes)} promises hold ({seconds:.1f} s)."
    return f"{len(errors)} of {len(outcomes)} promises are broken: {', '.join(one.check.name for one in errors)}."


def _document(outcomes: Sequence[Outcome]) -> str:
    checks = [
        {
            "name": outcome.check.name,
            "severity": outcome.check.severity.value,
            "holds": outcome.found is None,
            "count": outcome.found.count if outcome.found else 0,
            "ids": list(outcome.found.ids) if outcome.found else [],
            "seconds": round(outcome.seconds, 3),
        }
        for outcome in outcomes
    ]
    return json.dumps({"holds": not any(c["count"] and c["severity"] == "error" for c in checks), "checks": checks})
