#!/usr/bin/env python
"""Django's command line for this project."""

import os
import sys

from django.core.management import execute_from_command_line

from mediconnect.env import EnvironmentValueError


def main() -> None:
    """Run the command of the command line; a bad environment ends it with its sentence and status 2."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediconnect.settings")
    try:
        execute_from_command_line(sys.argv)
    except EnvironmentValueError as problem:
        sys.stderr.write(f"{problem}\n")
        sys.exit(2)


if __name__ == "__main__":
    main()
