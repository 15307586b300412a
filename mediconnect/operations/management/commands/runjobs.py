"""Run one cluster of queue workers."""

import os
import sys
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from mediconnect.operations.workers.cluster import JobsCluster
from mediconnect.operations.workers.orphans import die_with
from mediconnect.operations.workers.timetable import write_timetable


class Command(BaseCommand):
    """Run one cluster of queue workers until TERM or Ctrl-C."""

    help = "Run one cluster of queue workers until TERM or Ctrl-C."
    # `check` is for deployments; workers that restart should not read every URL and form first.
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the cluster's name, and the pid of the process to die with."""
        parser.add_argument("cluster")
        parser.add_argument("--parent", type=int, default=None, help="End when this process, which started us, ends.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Start over with the cluster's name in the environment if it is not there yet, then run."""
        cluster = options["cluster"]
        others: Any = settings.Q_CLUSTER["ALT_CLUSTERS"]
        if cluster != settings.Q_CLUSTER["name"] and cluster not in others:
            message = f"There is no cluster “{cluster}” in the settings."
            raise CommandError(message)
        if (os.environ.get("Q_CLUSTER_NAME"), os.environ.get("PROCESS_ROLE")) != (cluster, "jobs"):
            # django-q2 reads the name, and our settings the role, while they are imported: too late to change here.
            environment = os.environ | {"Q_CLUSTER_NAME": cluster, "PROCESS_ROLE": "jobs"}
            os.execve(sys.executable, [sys.executable, *sys.argv], environment)  # noqa: S606 - our own command line
        sys.exit(_run(options["parent"]))


def _run(parent_pid: int | None) -> int:
    if parent_pid is not None:
        die_with(parent_pid)
    write_timetable()
    return JobsCluster().run()
