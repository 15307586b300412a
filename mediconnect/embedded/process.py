"""A server as a child process that ends with its parent, and the end of one whose parent was killed."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import psutil

from mediconnect.embedded.home import Home

STOP_TIMEOUT: Final = 20.0  # seconds until a polite stop becomes a hard one
_PR_SET_PDEATHSIG: Final = 1  # linux/prctl.h


@contextmanager
def server(
    home: Home, command: Sequence[str], *, log: Path, stop_signal: signal.Signals
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server for the length of the block; `stop_signal` ends it politely, also when this process is killed.

    It gets a session of its own, so that Ctrl-C in the terminal reaches us and not the database below us.
    """
    environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            cwd=home.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            preexec_fn=ends_with_parent(stop_signal),  # noqa: PLW1509 - nothing but two system calls
            **home.identity(),
        )
    try:
        yield child
    finally:
        _stop(child, stop_signal)


def ends_with_parent(stop_signal: signal.Signals) -> Callable[[], None] | None:
    """Return a `preexec_fn` by which a child asks Linux for `stop_signal` when this process dies; None elsewhere."""
    if not sys.platform.startswith("linux"):
        return None
    parent, prctl = os.getpid(), ctypes.CDLL(None).prctl

    def ask() -> None:
        prctl(_PR_SET_PDEATHSIG, int(stop_signal))
        if os.getppid() != parent:
            os._exit(1)

    return ask


def _stop(child: subprocess.Popen[bytes], stop_signal: signal.Signals) -> None:
    for step in (stop_signal, signal.SIGKILL):
        if child.poll() is None:
            child.send_signal(step)
            with suppress(subprocess.TimeoutExpired):
                child.wait(STOP_TIMEOUT)


def end_leftover(pid: int, marks: Sequence[str]) -> bool:
    """End the process `pid` if its command line holds all of `marks`; return whether it was such a leftover.

    The marks keep a reused process id from being mistaken for our server.
    """
    try:
        process = psutil.Process(pid)
        line = " ".join(process.cmdline())
        if not all(mark in line for mark in marks):
            return False
        process.terminate()
        try:
            process.wait(STOP_TIMEOUT)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(STOP_TIMEOUT)
    except psutil.NoSuchProcess:
        return False
    return True


def free_port(wanted: int = 0) -> int:
    """Return `wanted` if nobody listens there on the loopback address, else a port that is free now."""
    for port in (wanted, 0):
        with socket.socket() as probe, suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OSError("no free port on the loopback address")


def remembered_port(folder: Path, name: str) -> int:
    """Return a free port, the one of the last start if possible: an address in someone's psql stays good."""
    note = folder / f"{name}.port"
    last = 0
    with suppress(OSError, ValueError):
        last = int(note.read_text())
    port = free_port(last)
    note.write_text(str(port))
    return port
