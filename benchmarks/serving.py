"""Serve an application as production does: the same gunicorn settings, whatever is inside."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

# As in production: no debugging, and a proxy in front that says the client used TLS (the requests carry its word).
_PRODUCTION: Final = {
    "DEBUG": "false",
    "PROCESS_ROLE": "web",
    "ALLOWED_HOSTS": "127.0.0.1",
    "PUBLIC_URL": "https://127.0.0.1",
    "TRUSTED_PROXIES": "127.0.0.1",
}


def free_port() -> int:
    """Return a loopback port that nobody uses right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def served(application: str, *, path: str, **variables: str) -> Iterator[int]:
    """Yield the port of a gunicorn that serves the application, once `path` answers; stop it in the end."""
    port = free_port()
    # Two servers at once would share the web role's fifteen connections; the owner has no such limit.
    unlimited = {"DATABASE_URL_WEB": os.environ["DATABASE_URL"]}
    environment = os.environ | _PRODUCTION | unlimited | {"PORT": str(port), "HOST": "127.0.0.1"} | variables
    command = [sys.executable, "-m", "gunicorn", "--config", "python:mediconnect.gunicorn", application]
    process = subprocess.Popen(command, env=environment)
    try:
        _wait(f"http://127.0.0.1:{port}{path}", process)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=40)


def collect_assets() -> None:
    """Bring style sheets and scripts together under the names that production gives them."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity", "0"]
    subprocess.run(command, env=os.environ | _PRODUCTION, check=True)


def _wait(address: str, process: "subprocess.Popen[bytes]") -> None:
    for _ in range(300):
        try:
            urllib.request.urlopen(address, timeout=2)
        except urllib.error.HTTPError:
            return
        except OSError:
            if process.poll() is not None:
                message = "The server ended before it answered."
                raise RuntimeError(message) from None
            time.sleep(0.1)
        else:
            return
    message = "The server did not answer within half a minute."
    raise RuntimeError(message)
