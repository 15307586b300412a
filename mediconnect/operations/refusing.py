"""Commands that fill a database with people who do not exist keep away from one where real ones are."""

from django.conf import settings
from django.core.management.base import CommandError, CommandParser


def add_force(parser: CommandParser) -> None:
    """Take the flag that says: I know what I am doing."""
    parser.add_argument("--force", action="store_true", help="run although DEBUG is off")


def refuse_in_production(*, force: bool) -> None:
    """Raise `CommandError` where DEBUG is off, unless forced."""
    if not settings.DEBUG and not force:
        raise CommandError("DEBUG is off here, so this may be a real clinic's database. Use --force if it is not.")
