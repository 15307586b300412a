"""`./dev up`: the whole house on one machine, until Ctrl-C."""

import os
import shlex
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from typing import Final

from mediconnect import env
from mediconnect.development.procfile import Processes, processes
from mediconnect.development.stack import DATA, ROOT, environment
from mediconnect.embedded import EmbeddedServersError, running

READY_PATH: Final = "/health/readiness"
READY_TIMEOUT: Final = 60.0  # seconds from the start of the processes to the first ready answer
SIGN_INS: Final = ("admin", "frontdesk", "manager", "dr1", "patient1")


def run(_arguments: list[str]) -> int:
    """Bring everything up, say so when it is ready, and stop all of it on Ctrl-C or TERM. Return the exit status."""
    port = env.integer("PORT", 8000, minimum=1, maximum=65535)
    if not _port_is_free(port):
        raise EmbeddedServersError(
            f"Port {port} is taken. Stop what listens there, or choose another: PORT=8001 ./dev up"
        )
    if running(DATA / "up") is not None:
        raise EmbeddedServersError("The stack already runs here. Stop it first, or see where it is with ./dev env.")
    started = time.monotonic()
    _say("Starting PostgreSQL and Valkey" if not os.environ.get("DATABASE_URL") else "Using DATABASE_URL and REDIS_URL")
    with environment() as variables:
        variables["PORT"] = str(port)
        prepared = subprocess.run([sys.executable, "-m", "mediconnect.development.prepare"], env=variables, check=False)
        if prepared.returncode != 0:
            return prepared.returncode
        _say("Starting web and workers")
        with processes(ROOT / "Procfile", variables) as group:
            if not _await_ready(port, group):
                sys.stderr.write("The web process did not become ready; the lines above say why.\n")
                return 1
            _announce(port, time.monotonic() - started)
            name, status = group.wait()
            sys.stderr.write(f"The process {name} ended with status {status}; stopping the others.\n")
            return status or 1


def show_addresses(_arguments: list[str]) -> int:
    """Print the running stack's addresses as shell exports and return 0, or say that none runs and return 1."""
    addresses = running(DATA / "up")
    if addresses is None:
        sys.stderr.write("No stack is running here. Start it with ./dev up\n")
        return 1
    variables = addresses.environment()
    exports = " ".join(f"{name}={shlex.quote(variables[name])}" for name in ("DATABASE_URL", "REDIS_URL"))
    sys.stdout.write(f"export {exports}\n")
    return 0


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence} ...\n")
    sys.stdout.flush()


def _port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("0.0.0.0", port))  # noqa: S104 - asks only; gunicorn chooses its own address
        except OSError:
            return False
    return True


def _await_ready(port: int, group: Processes) -> bool:
    deadline = time.monotonic() + READY_TIMEOUT
    address = f"http://127.0.0.1:{port}{READY_PATH}"
    while time.monotonic() < deadline and group.ended() is None:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:
                return True
        time.sleep(0.2)
    return False


def _announce(port: int, seconds: float) -> None:
    lines = [
        "",
        f"MediConnect is ready after {seconds:.0f} s: http://localhost:{port}/",
        f"  API documents  http://localhost:{port}/api/v1/docs/",
        "  Sign-ins, password mediconnect-demo:",
        *(f"    {name}@demo.example" for name in SIGN_INS),
        "Ctrl-C stops everything.",
        "",
    ]
    sys.stdout.write("\n".join(lines))
    sys.stdout.flush()
