"""Run and watch the clusters of this host."""

import os
import signal
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from mediconnect.operations.workers.orphans import die_with
from mediconnect.operations.workers.supervisor import Supervisor


class Command(BaseCommand):
    """Start the clusters of the setting CLUSTERS and keep them alive until TERM or Ctrl-C."""

    help = "Start the clusters of the setting CLUSTERS and keep them alive until TERM or Ctrl-C."
    # `check` is for deployments; workers that restart should not read every URL and form first.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take other clusters than the setting's."""
        parser.add_argument("clusters", nargs="*")
        parser.add_argument("--with-parent", action="store_true", help="End when the process that started us ends.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Watch until told to stop."""
        if options["with_parent"]:
            die_with(os.getppid())
        supervisor = Supervisor(options["clusters"] or settings.CLUSTERS)

        def stop(number: int, frame: FrameType | None) -> None:
            supervisor.stopping = True

        signal.signal(signal.SIGTERM, stop)
        signal.signal(signal.SIGINT, stop)
        supervisor.run()
