"""From empty servers to a house that can open: migrations, grants, schedules, demo data, in one process.

One process, since each start of Django costs more than most of these steps. Each may be run again at any time.
"""

import os
import sys
from typing import Final

import django
from django.core.management import CommandError, call_command

STEPS: Final = (
    ("Migrating the database", "migrate"),
    ("Granting the process roles their rights", "grants"),
    ("Writing the schedules", "schedules"),
    ("Filling in demo data", "demo"),
)


def main() -> int:
    """Run the steps in order, saying which; return 1 with the reason at the first that fails."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediconnect.settings")
    django.setup()
    for sentence, command in STEPS:
        sys.stdout.write(f"{sentence} ...\n")
        sys.stdout.flush()
        try:
            call_command(command, verbosity=0)
        except CommandError as problem:
            sys.stderr.write(f"`manage.py {command}` failed: {problem}\n")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
