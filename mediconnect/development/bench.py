"""The benchmarks, on servers of their own with durable settings."""

import subprocess
import sys

from mediconnect.development.stack import DATA, ROOT, environment


def run(arguments: list[str]) -> int:
    """Run the benchmarks named in `arguments` (all of them without) and return their exit status."""
    with environment(DATA / "bench") as variables:
        command = [sys.executable, "-m", "benchmarks", *arguments]
        # A line for each message sent would hide the figures.
        quiet = {"LOG_LEVEL": "WARNING"} | variables
        return subprocess.run(command, cwd=ROOT, env=quiet, check=False).returncode
