"""Import people and places from FHIR R4."""

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediconnect.operations.importing import Report, Wishes, import_files
from mediconnect.operations.importing.reading import UnreadablePath
from mediconnect.operations.importing.running import UnknownClinic
from providers.models.clinic import validate_zone


class Command(BaseCommand):
    """Import Organization, Location, Practitioner, PractitionerRole and Patient; running it twice changes nothing."""

    help = "Import patients, practitioners, roles, locations and organisations from FHIR R4 NDJSON files or Bundles."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take files or folders and the wishes."""
        parser.add_argument("paths", nargs="+", metavar="PATH", help="NDJSON or JSON files, or folders of them")
        parser.add_argument("--dry-run", action="store_true", help="do everything, say what, and take it back")
        parser.add_argument("--timezone", metavar="ZONE", help="zone of new clinics, whatever their address says")
        parser.add_argument("--clinic", default="", metavar="NAME", help="register all patients at this clinic")
        parser.add_argument(
            "--hours",
            action="store_true",
            help="let providers without hours work Monday to Friday, 9 to 17, and offer a consultation in each clinic",
        )
        parser.add_argument("--strict", action="store_true", help="exit 1 if any line could not be used")

    def handle(self, *args: Any, **options: Any) -> None:
        """Import, and say what became of everything."""
        wishes = Wishes(
            clinic=options["clinic"],
            zone=_zone(options["timezone"]),
            hours=options["hours"],
            dry_run=options["dry_run"],
        )
        try:
            report = import_files(options["paths"], wishes, say=self._say)
        except (UnreadablePath, UnknownClinic) as problem:
            raise CommandError(str(problem)) from problem
        self._tell(report, wishes)
        if options["strict"] and report.bad_lines:
            raise SystemExit(1)

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _tell(self, report: Report, wishes: Wishes) -> None:
        for problem in report.problems:
            self.stderr.write(str(problem))
        for line in report.lines():
            self.stdout.write(line)
        if wishes.hours:
            self.stdout.write(f"Providers who were given hours: {report.hours}")
        if report.bad_lines:
            self.stdout.write(f"{report.bad_lines} lines could not be used; they are listed above.")
        if wishes.dry_run:
            self.stdout.write("This was a trial: nothing was written.")


def _zone(name: str | None) -> str | None:
    if name is not None:
        try:
            validate_zone(name)
        except ValidationError as problem:
            raise CommandError(problem.messages[0]) from problem
    return name
