"""Run the benchmarks: `./dev bench` for all, `./dev bench booking` for one."""

import os
import sys
import time
from collections.abc import Callable
from typing import Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mediconnect.settings")
django.setup()

from django.core.management import call_command  # noqa: E402  # Django must be set up before its models are imported

from . import availability, booking, hot_provider, portal, reminders, sending, waitlist  # noqa: E402
from .report import Row, table  # noqa: E402

BENCHMARKS: Final[dict[str, Callable[[], list[Row]]]] = {
    "booking": booking.run,
    "hot-provider": hot_provider.run,
    "availability": availability.run,
    "portal": portal.run,
    "reminders": reminders.run,
    "sending": sending.run,
    "waitlist": waitlist.run,
}


def main(names: list[str]) -> int:
    """Run the named benchmarks, all without names; 1 if a goal was missed, 2 for an unknown name."""
    if unknown := set(names) - set(BENCHMARKS):
        sys.stderr.write(f"No such benchmark: {', '.join(sorted(unknown))}. There are: {', '.join(BENCHMARKS)}.\n")
        return 2
    call_command("migrate", verbosity=0)
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        sys.stdout.write(f"{name} ...\n")
        began = time.monotonic()
        rows += BENCHMARKS[name]()
        sys.stdout.write(f"  took {time.monotonic() - began:.0f} s\n")
    sys.stdout.write(table(rows) + "\n")
    return 1 if any(row.met is False for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
