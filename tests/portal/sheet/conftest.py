"""The clinic of the reports' tests, and a folder of its own for what is kept."""

from pathlib import Path
from typing import Any

import pytest

from tests.portal.reports.clinic import Week, at, week


@pytest.fixture(name="week")
def _week(db: None) -> Week:
    made = week()
    made.open(at(2, 9), at(2, 12))
    made.open(at(2, 13), at(2, 17))
    return made


@pytest.fixture(name="folder")
def _folder(settings: Any, tmp_path: Path) -> Path:
    folder = tmp_path / "sheets"
    settings.DAY_SHEETS_DIR = str(folder)
    return folder
