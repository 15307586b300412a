"""The day sheet as a file, so that a clinic works on through an outage: today and tomorrow, written anew every hour.

A reader finds the old file or the new one, never half of one. Each file stands alone: no script, no address, its style
inside. What is written here is health data: files are readable by their owner alone.
"""

import datetime as dt
import logging
import os
import re
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone, translation

from mediconnect.habits import Habits
from mediconnect.portal.models import KeptSheet
from providers.models import Clinic

from .reading import day_of
from .writing import sheet_of

log = logging.getLogger(__name__)

_KEPT_FOR: Final = dt.timedelta(days=2)
_NAME: Final = re.compile(r"(\d{4}-\d\d-\d\d)-([0-9a-f-]{36})\.html")
_UNFINISHED: Final = ".part"
_ABANDONED: Final = dt.timedelta(hours=1)  # no file takes as long to write


@dataclass(frozen=True, slots=True)
class Outcome:
    """How many clinics have fresh sheets, and how many have not."""

    kept: int
    failed: int


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the index: a file, what it is of and when it was written."""

    file: str
    clinic: str
    day: str
    kept_at: str


def keep_sheets(now: dt.datetime | None = None) -> Outcome | None:
    """Write the sheets of every active clinic, remove those of old days, and write the index of what there is.

    Returns None where no folder is set. A clinic whose sheet cannot be written keeps its last one, is logged by its id,
    and stops no other. Raises `OSError` where the folder itself cannot be used.
    """
    if not settings.DAY_SHEETS_DIR:
        return None
    now, folder = now or timezone.now(), _folder(Path(settings.DAY_SHEETS_DIR))
    with translation.override(settings.LANGUAGE_CODE):
        clinics = list(Clinic.objects.order_by("name"))
        results = [_kept(clinic, folder, now) for clinic in clinics if clinic.active]
        _remove_old(folder, now)
        entries = list(_entries(folder, {str(clinic.pk): clinic for clinic in clinics}))
        _write(folder / "index.html", "portal/sheet/kept_index.html", {"entries": entries})
    return Outcome(sum(results), len(results) - sum(results))


def _folder(folder: Path) -> Path:
    folder.mkdir(mode=stat.S_IRWXU, parents=True, exist_ok=True)
    folder.chmod(stat.S_IRWXU)
    return folder


def _kept(clinic: Clinic, folder: Path, now: dt.datetime) -> bool:
    """Write one clinic's sheets; return whether that went well. What went wrong may speak of patients: its kind is logged alone."""
    try:
        _keep(clinic, folder, now)
    except Exception as error:  # noqa: BLE001 - whatever it is, the next clinic needs its sheet
        log.error("day sheets of clinic %s were not kept: %s", clinic.pk, type(error).__name__)  # noqa: TRY400
        return False
    return True


def _keep(clinic: Clinic, folder: Path, now: dt.datetime) -> None:
    today = now.astimezone(clinic.zone).date()
    days = (today, today + dt.timedelta(days=1))
    with transaction.atomic():
        sheets = {day: sheet_of(clinic, day, day_of(clinic.pk, clinic.zone, day), now=now) for day in days}
    for day, sheet in sheets.items():
        _write(folder / f"{day.isoformat()}-{clinic.pk}.html", "portal/sheet/kept.html", {"sheet": sheet})
    KeptSheet.objects.update_or_create(clinic=clinic, defaults={"kept_at": now})


def _write(path: Path, template: str, context: Mapping[str, Any]) -> None:
    """Put the file there as a whole: written beside its place, safe on the disk, then renamed."""
    style = (settings.BASE_DIR / "static" / "portal" / "sheet.css").read_text()
    text = render_to_string(template, {**context, "style": style})
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=_UNFINISHED)  # 0600
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _remove_old(folder: Path, now: dt.datetime) -> None:
    """Remove the sheets of days that ended two days ago everywhere on earth, and what a killed process left behind."""
    oldest = (now.astimezone(dt.UTC) - _KEPT_FOR).date()
    for path, day, _clinic in _sheets(folder):
        if day < oldest:
            path.unlink(missing_ok=True)
    for path in folder.glob(f".*{_UNFINISHED}"):
        with suppress(FileNotFoundError):
            if path.stat().st_mtime < (now - _ABANDONED).timestamp():
                path.unlink()


def _sheets(folder: Path) -> Iterator[tuple[Path, dt.date, str]]:
    for path in sorted(folder.iterdir()):
        found = _NAME.fullmatch(path.name)
        if found:
            with suppress(ValueError):
                yield path, dt.date.fromisoformat(found[1]), found[2]


def _entries(folder: Path, clinics: Mapping[str, Clinic]) -> Iterator[Entry]:
    entries = []
    for path, day, clinic_id in _sheets(folder):
        clinic = clinics.get(clinic_id)
        if clinic is not None:
            habits = Habits.of(clinic, settings.LANGUAGE_CODE)
            written = dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
            entries.append(
                ((clinic.name, day), Entry(path.name, clinic.name, habits.day_and_date(day), habits.moment(written)))
            )
    return (entry for _order, entry in sorted(entries, key=lambda pair: pair[0]))
