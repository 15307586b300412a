"""manage.py on the stack of this machine."""

import subprocess
import sys

from mediconnect.development.stack import ROOT, environment


def run(arguments: list[str]) -> int:
    """Run manage.py with `arguments` and return its exit status; servers are started for it where none run."""
    with environment() as variables:
        return subprocess.run(
            [sys.executable, str(ROOT / "manage.py"), *arguments], env=variables, check=False
        ).returncode
