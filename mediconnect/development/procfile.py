"""Run the processes of the Procfile until one ends or we are told to stop; then all of them end.

No runner from the package index: those signal whole process groups, and a queue cluster whose workers get the signal
beside it may never stop (docs/decisions/0004-processes-of-dev-up.md).
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mediconnect.embedded.process import ends_with_parent

STOP_TIMEOUT: Final = 30.0  # seconds: gunicorn and the supervisor grant their own work 25


def commands(procfile: Path) -> dict[str, str]:
    """Return the shell command of each process by its name, in the order of the file."""
    lines = (line.partition(":") for line in procfile.read_text().splitlines() if line.strip() and line[0] != "#")
    return {name.strip(): command.strip() for name, _, command in lines}


class Processes:
    """The running processes of a Procfile."""

    def __init__(self, children: dict[str, subprocess.Popen[bytes]]) -> None:
        self._children = children

    def ended(self) -> tuple[str, int] | None:
        """Return name and exit status of a process that ended, or None while all of them run."""
        for name, child in self._children.items():
            if (status := child.poll()) is not None:
                return name, status
        return None

    def wait(self) -> tuple[str, int]:
        """Block until a process ends, and return its name and exit status."""
        while (end := self.ended()) is None:
            time.sleep(0.2)
        return end

    def stop(self) -> None:
        """End all of them: a polite signal to each process alone, and after STOP_TIMEOUT a hard one to its group."""
        for child in self._children.values():
            with suppress(ProcessLookupError):
                child.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT
        for child in self._children.values():
            with suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, deadline - time.monotonic()))
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(child.pid, signal.SIGKILL)
            child.wait()


@contextmanager
def processes(procfile: Path, variables: dict[str, str]) -> Iterator[Processes]:
    """Run every process of `procfile` for the length of the block, with `variables` as their environment.

    Each leads a session of its own, so that Ctrl-C reaches only us and we decide the order of the end.
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{variables.get('PATH', os.defpath)}"
    children: dict[str, subprocess.Popen[bytes]] = {}
    group = Processes(children)
    try:
        for name, command in commands(procfile).items():
            children[name] = subprocess.Popen(
                ["/bin/sh", "-c", command],
                cwd=procfile.parent,
                env=variables | {"PATH": path},
                stdin=subprocess.DEVNULL,
                start_new_session=True,
                preexec_fn=ends_with_parent(signal.SIGTERM),  # noqa: PLW1509 - nothing but two system calls
            )
        yield group
    finally:
        group.stop()
