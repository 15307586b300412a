"""The sheets as files: what is in them, who may read them, and that nobody ever finds half of one."""

import datetime as dt
import logging
import os
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Warning as CheckWarning
from django.core.management import CommandError, call_command

from mediconnect.portal.checks import sheets_are_kept
from mediconnect.portal.models import KeptSheet
from mediconnect.portal.sheet import keeping
from mediconnect.portal.sheet.keeping import Outcome, keep_sheets
from mediconnect.portal.sheet.reading import day_of
from mediconnect.portal.tasks import keep_day_sheets
from mediconnect.schedule import ALLOWED_FUNCTIONS
from providers.models import Clinic
from tests.factories import ContactPointFactory, PatientFactory
from tests.portal.reports.clinic import Week, at
from tests.portal.reports.clinic import week as another_week

NOW = at(2, 8, 2)


@pytest.fixture(autouse=True)
def _visits(week: Week) -> None:
    patient = PatientFactory.create(given_name="Lena", family_name="Moreau")
    ContactPointFactory.create(patient=patient, value="+12125550101")
    week.visit(at(2, 9), patient=patient, status="booked")


def file_of(folder: Path, clinic: Clinic, day: str = "2026-03-02") -> Path:
    return folder / f"{day}-{clinic.pk}.html"


def test_today_and_tomorrow_of_every_active_clinic_and_an_index(week: Week, folder: Path) -> None:
    other = another_week()
    Clinic.objects.filter(pk=another_week().clinic.pk).update(active=False)
    assert keep_sheets(NOW) == Outcome(kept=2, failed=0)
    names = {
        f"{day}-{clinic.pk}.html" for day in ("2026-03-02", "2026-03-03") for clinic in (week.clinic, other.clinic)
    }
    assert {path.name for path in folder.iterdir()} == names | {"index.html"}
    index = (folder / "index.html").read_text()
    assert all(f'href="{name}"' in index for name in names)
    assert week.clinic.name in index
    assert KeptSheet.objects.get(clinic=week.clinic).kept_at == NOW


def test_a_file_has_what_the_desk_needs_and_refers_to_nothing_outside(week: Week, folder: Path) -> None:
    keep_sheets(NOW)
    text = file_of(folder, week.clinic).read_text()
    for words in (
        "Moreau, Lena",
        "(212) 555-0101",
        "Dr. Amara Obi",
        "Monday, March 2, 2026",
        "walk-in",
        week.clinic.name,
    ):
        assert words in text
    for outside in ("<script", "<link", "src=", "href=", "url(", "@import", "http://", "https://"):
        assert outside not in text
    assert ".sheet-table" in text
    assert "default-src 'none'" in text


def test_nobody_of_another_clinic_is_inside(week: Week, folder: Path) -> None:
    other = another_week()
    other.open(at(2, 9), at(2, 12))
    other.visit(at(2, 9), patient=PatientFactory.create(family_name="Aldersgate"), status="booked")
    keep_sheets(NOW)
    mine, theirs = (file_of(folder, clinic).read_text() for clinic in (week.clinic, other.clinic))
    assert ("Moreau" in mine, "Aldersgate" in mine) == (True, False)
    assert ("Moreau" in theirs, "Aldersgate" in theirs) == (False, True)
    assert "Moreau" not in (folder / "index.html").read_text()


def test_a_name_cannot_become_part_of_the_page(week: Week, folder: Path) -> None:
    patient = PatientFactory.create(family_name="<script>alert(1)</script>")
    week.visit(at(2, 10), patient=patient, status="booked")
    keep_sheets(NOW)
    assert "<script" not in file_of(folder, week.clinic).read_text()


def test_only_the_owner_may_read(week: Week, folder: Path) -> None:
    folder.mkdir(mode=0o755)
    before = os.umask(0)
    try:
        keep_sheets(NOW)
    finally:
        os.umask(before)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o600}


def test_a_reader_finds_the_old_file_or_the_new_one_and_never_half_of_one(
    week: Week, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_sheets(NOW)
    path, seen, flush = file_of(folder, week.clinic), list[str](), os.fsync
    old = path.read_text()

    def look_and_flush(handle: int) -> None:
        # The new text is written out by now, and not yet in its place.
        (unfinished,) = folder.glob(".*.part")
        assert unfinished.read_text().rstrip().endswith("</html>")
        assert stat.S_IMODE(unfinished.stat().st_mode) == 0o600
        seen.append(path.read_text())
        flush(handle)

    monkeypatch.setattr(os, "fsync", look_and_flush)
    keep_sheets(NOW + dt.timedelta(hours=1))
    new = path.read_text()
    assert "8:02" in old
    assert "9:02" in new
    assert seen == [old, new, new]  # today's own writing, tomorrow's, the index's


def test_a_write_that_fails_leaves_the_last_file_and_nothing_beside_it(
    week: Week, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep_sheets(NOW)
    last = file_of(folder, week.clinic).read_text()

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="No space left"):  # the index cannot be written either, and that is told
            keep_sheets(NOW + dt.timedelta(hours=1))
    assert file_of(folder, week.clinic).read_text() == last
    assert not list(folder.glob(".*"))
    assert KeptSheet.objects.get(clinic=week.clinic).kept_at == NOW


@pytest.fixture(name="log")
def _log(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    with caplog.at_level(logging.ERROR, logger=keeping.__name__):
        yield caplog


def test_one_clinics_failure_stops_no_other_and_is_logged_without_a_patient(
    week: Week, folder: Path, monkeypatch: pytest.MonkeyPatch, log: pytest.LogCaptureFixture
) -> None:
    other = another_week()
    whole = day_of

    def fails_for_one(clinic_id: Any, *words: Any) -> Any:
        if clinic_id == week.clinic.pk:
            message = "Lena Moreau is the trouble"
            raise ValueError(message)
        return whole(clinic_id, *words)

    monkeypatch.setattr(keeping, "day_of", fails_for_one)
    assert keep_sheets(NOW) == Outcome(kept=1, failed=1)
    assert file_of(folder, other.clinic).exists()
    assert not file_of(folder, week.clinic).exists()
    assert not KeptSheet.objects.filter(clinic=week.clinic).exists()
    assert str(week.clinic.pk) in log.text
    assert "ValueError" in log.text
    assert "Moreau" not in log.text
    with pytest.raises(CommandError, match="1 clinics were not kept"):
        call_command("day_sheets")


def test_old_days_go_after_two_days_and_strangers_files_stay(week: Week, folder: Path) -> None:
    folder.mkdir()
    stranger = folder / "how-to.html"
    stranger.write_text("call the night desk")
    abandoned = folder / ".x.part"
    abandoned.write_text("half")
    os.utime(abandoned, (0, 0))
    for day in ("2026-02-27", "2026-02-28", "2026-03-01"):
        file_of(folder, week.clinic, day).write_text("old")
    keep_sheets(NOW)
    days = sorted(path.name[:10] for path in folder.glob("2026-*.html"))
    assert days == ["2026-02-28", "2026-03-01", "2026-03-02", "2026-03-03"]
    assert stranger.exists()
    assert not abandoned.exists()


def test_the_day_is_that_of_the_clinics_clock(week: Week, folder: Path) -> None:
    keep_sheets(at(2, 23, 2))  # already Tuesday in UTC
    assert file_of(folder, week.clinic).exists()


def test_the_task_and_the_command_do_it(week: Week, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keep_day_sheets()
    assert (folder / "index.html").exists()
    call_command("day_sheets")
    assert "Kept the sheets of 1 clinics" in capsys.readouterr().out
    assert "mediconnect.portal.tasks.keep_day_sheets" in ALLOWED_FUNCTIONS


def test_without_a_folder_none_are_kept_and_a_deployment_is_warned(week: Week, settings: Any) -> None:
    settings.DAY_SHEETS_DIR = ""
    assert keep_sheets(NOW) is None
    assert KeptSheet.objects.count() == 0
    (warning,) = sheets_are_kept(None)
    assert isinstance(warning, CheckWarning)
    with pytest.raises(CommandError, match="DAY_SHEETS_DIR is not set"):
        call_command("day_sheets")
    settings.DAY_SHEETS_DIR = "/srv/day-sheets"
    assert sheets_are_kept(None) == []
