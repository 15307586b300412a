"""The tests, in parallel, on servers that tests/servers.py starts for them."""

import os
import subprocess
import sys

from mediconnect.development.stack import ROOT

PROCESSES = "2"  # what two shared cores carry; each gets its own database


def run(arguments: list[str]) -> int:
    """Run pytest with `arguments` and return its exit status. `--full` asks for the long counts."""
    variables = dict(os.environ)
    if "--full" in arguments:
        arguments = [argument for argument in arguments if argument != "--full"]
        variables["MEDICONNECT_FULL"] = "1"
    chosen = any(argument.startswith(("-n", "--numprocesses")) for argument in arguments)
    parallel = [] if chosen else ["-n", PROCESSES]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *parallel, *arguments], cwd=ROOT, env=variables, check=False
    ).returncode
