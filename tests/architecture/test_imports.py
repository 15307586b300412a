"""Imports point down: the contract of pyproject.toml, run with the tests so that nobody meets it first in CI."""

import subprocess
import sys
from pathlib import Path

from mediconnect.development.stack import ROOT


def test_imports_point_down() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([linter, "--no-cache"], cwd=ROOT, check=False, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout[result.stdout.find("Contracts") :]
