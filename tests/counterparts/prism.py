"""Servers that answer by the vendors' own descriptions of their APIs and refuse a request that breaks them.

Prism reads the descriptions; nobody here wrote its rules. It is installed once into the folder of this machine's data, as
package-lock.json says. Where Node or the descriptions are missing the tests say that they were not run, and fail where
MEDICONNECT_SPECS_REQUIRED is set.
"""

import fcntl
import json
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

import pytest

from mediconnect.development.stack import DATA, ROOT
from mediconnect.embedded.process import free_port

SPECS: Final = Path(os.environ.get("MEDICONNECT_SPECS") or ROOT.parent / "shared" / "specs")
_HERE: Final = Path(__file__).parent
_FOLDER: Final = DATA / "counterparts"
_INSTALLING: Final = 300  # seconds; 185 packages
_STARTING: Final = 60  # seconds; two on a quiet machine

# What both services answer and neither describes: an example, chosen by the header Prefer.
_UNDESCRIBED: Final[dict[str, dict[str, Any]]] = {
    "429": {"code": 20429, "message": "Too Many Requests", "status": 429},
    "503": {"code": 20503, "message": "Service Unavailable", "status": 503},
}


@contextmanager
def described_by(name: str, folder: Path) -> Iterator[str]:
    """Run a server for the description of this name, with 429 and 503 added to it; give its address."""
    node, description = shutil.which("node"), SPECS / name
    if node is None or not description.is_file():
        _not_run("Node" if node is None else str(description))
    copy = folder / name
    copy.write_text(json.dumps(_completed(json.loads(description.read_text()))))
    port = free_port()
    program = _install() / "node_modules" / "@stoplight" / "prism-cli" / "dist" / "index.js"
    command = (str(node), str(program), "mock", "-h", "127.0.0.1", "-p", str(port), str(copy))
    with (folder / f"{name}.log").open("w") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, cwd=_FOLDER)
    try:
        _await(process, port)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _not_run(missing: str) -> None:
    sentence = f"There is no {missing}. Install Node 18 to 22 and set MEDICONNECT_SPECS to the folder of descriptions."
    if os.environ.get("MEDICONNECT_SPECS_REQUIRED"):
        pytest.fail(sentence)
    pytest.skip(sentence)


def _completed(description: dict[str, Any]) -> dict[str, Any]:
    operations = ("get", "post", "put", "patch", "delete")
    for path in description["paths"].values():
        for operation in (path[word] for word in operations if word in path):
            for status, example in _UNDESCRIBED.items():
                operation["responses"][status] = {
                    "description": example["message"],
                    "headers": {"Retry-After": {"schema": {"type": "integer"}, "example": 2}},
                    "content": {"application/json": {"schema": {"type": "object"}, "example": example}},
                }
    return description


def _install() -> Path:
    """Install the packages unless they are there as the lock file says; one process at a time."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    wanted = (_HERE / "package-lock.json").read_text()
    with (_FOLDER / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = _FOLDER / "installed.json"
        if not done.is_file() or done.read_text() != wanted:
            for name in ("package.json", "package-lock.json"):
                shutil.copy(_HERE / name, _FOLDER / name)
            command = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")
            subprocess.run(command, cwd=_FOLDER, check=True, capture_output=True, timeout=_INSTALLING)
            done.write_text(wanted)
    return _FOLDER


def _await(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + _STARTING
    while time.monotonic() < until and process.poll() is None:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.1)
    pytest.fail("The described server did not start; its log lies beside its description.")
