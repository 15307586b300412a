"""`./dev up`: the whole house on one machine, until Ctrl-C."""

import os
import shlex
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from mediconnect import env
from mediconnect.development.stack import DATA, ROOT, environment
from mediconnect.embedded import EmbeddedServersError, running
from mediconnect.embedded.process import ends_with_parent

READY_TIMEOUT: Final = 60.0  # seconds from the start of the processes to the first ready answer
STOP_TIMEOUT: Final = 30.0  # seconds: gunicorn and the supervisor grant their own work 25
# What stands between empty servers and a running house; each may be run again at any time.
STEPS: Final = (
    ("Migrating the database", ("migrate", "--verbosity", "0")),
    ("Granting the process roles their rights", ("grants",)),
    ("Writing the schedules", ("schedules",)),
    ("Filling in demo data", ("demo",)),
)
SIGN_INS: Final = ("admin", "frontdesk", "manager", "dr1", "patient1")


def run(_arguments: list[str]) -> int:
    """Bring everything up, say so when it is ready, and stop all of it on Ctrl-C or TERM. Return the exit status."""
    port = env.integer("PORT", 8000, minimum=1, maximum=65535)
    if not _port_is_free(port):
        raise EmbeddedServersError(f"Port {port} is taken. Stop what listens there, or choose another: PORT=8001 ./dev up")
    if running(DATA / "up") is not None:
        raise EmbeddedServersError("The stack already runs here. Stop it first, or see where it is with ./dev env.")
    started = time.monotonic()
    _say("Starting PostgreSQL and Valkey" if not os.environ.get("DATABASE_URL") else "Using DATABASE_URL and REDIS_URL")
    with environment() as variables:
        variables["PORT"] = str(port)
        for sentence, command in STEPS:
            _say(sentence)
            if (status := _manage(command, variables)) != 0:
                sys.stderr.write(f"`manage.py {shlex.join(command)}` failed; the lines above say why.\n")
                return status
        _say("Starting web and workers")
        with _processes(variables) as honcho:
            if not _await_ready(port, honcho):
                sys.stderr.write("The web process did not become ready; the lines above say why.\n")
                return 1
            _announce(port, time.monotonic() - started)
            return honcho.wait()


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


def _manage(command: tuple[str, ...], variables: dict[str, str]) -> int:
    return subprocess.run([sys.executable, str(ROOT / "manage.py"), *command], env=variables, check=False).returncode


@contextmanager
def _processes(variables: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run the Procfile for the length of the block, in a session of its own, so that nothing of it outlives us."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{variables.get('PATH', '')}"
    honcho = subprocess.Popen(
        [sys.executable, "-m", "honcho", "--no-colour", "--no-prefix", "start", "--procfile", str(ROOT / "Procfile")],
        cwd=ROOT,
        env=variables | {"PATH": path},
        start_new_session=True,
        preexec_fn=ends_with_parent(signal.SIGTERM),
    )
    try:
        yield honcho
    finally:
        _say("Stopping")
        with suppress(ProcessLookupError):
            honcho.terminate()
        with suppress(subprocess.TimeoutExpired):
            honcho.wait(STOP_TIMEOUT)
        with suppress(ProcessLookupError):
            os.killpg(honcho.pid, signal.SIGKILL)


def _await_ready(port: int, honcho: subprocess.Popen[bytes]) -> bool:
    deadline = time.monotonic() + READY_TIMEOUT
    address = f"http://127.0.0.1:{port}/health/readiness"
    while time.monotonic() < deadline and honcho.poll() is None:
        with suppress(urllib.error.URLError, OSError), urllib.request.urlopen(address, timeout=2) as answer:
            if answer.status == 200:  # noqa: PLR2004 - HTTP's own number
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
