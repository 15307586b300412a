"""The course of an import: asked for once, worked in turns, refused in words, forgotten after a week."""

import csv
import datetime as dt
import io
import logging
from typing import Any

import pytest
from django.utils import timezone

from mediconnect.errors import NotFound, TryAgain
from mediconnect.operations import tasks
from mediconnect.operations.errors import ImportNotReady, NothingToImport, UnreadableFile
from mediconnect.operations.exchange import forgetting, importing, leaving
from mediconnect.operations.exchange.files import read_table
from mediconnect.operations.exchange.kinds import KINDS, Chosen
from mediconnect.operations.exchange.receiving import receive
from mediconnect.operations.models import ExportRun, ImportRow, ImportRun
from patients.models import Patient
from tests.appointments.conftest import small_clinic
from tests.operations.exchange.conftest import Bringer, outcomes, reasons, verdicts

HEAD = "Record number,Given name,Family name,Birth date"
GOOD, BAD, WORSE = "A1,Ann,Berg,1980-02-29", "A2,Bo,Lund,never", "A3,,,"


def test_only_good_rows_are_imported_and_the_others_come_back_as_a_file(bringer: Bringer) -> None:
    run = bringer.imported("patients", HEAD, GOOD, BAD, WORSE)
    assert outcomes(run) == ["written", "left", "left"]
    assert run.counts == {"new": 1, "refused": 2, "written": 1, "left": 2}
    content = b"".join(leaving.refused_rows(run, "csv"))
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert rows[0] == ["Why it was not imported", "Record number", "Given name", "Family name", "Birth date"]
    assert rows[1] == ["“never” is no date. Write it as in 2026-11-30.", "A2", "Bo", "Lund", "never"]
    assert len(rows) == 3
    again = bringer.bring("patients", content=content.replace(b"never", b"1990-01-02"))
    assert verdicts(again) == ["new", "refused"]


def test_an_import_is_asked_for_once(bringer: Bringer) -> None:
    run = bringer.bring("patients", HEAD, GOOD)
    words: dict[str, Any] = {"run_id": run.pk, "with_doubtful": False, "by_id": bringer.user.pk}
    with pytest.raises(NotFound):
        importing.ask(clinic_id=small_clinic().clinic.pk, **words)
    importing.ask(clinic_id=bringer.place.clinic.pk, **words)
    with pytest.raises(ImportNotReady):
        importing.ask(clinic_id=bringer.place.clinic.pk, **words)
    with pytest.raises(ImportNotReady):
        importing.drop(run_id=run.pk, clinic_id=bringer.place.clinic.pk)


def test_a_file_in_which_nothing_is_new_is_not_imported(bringer: Bringer) -> None:
    run = bringer.bring("patients", HEAD, BAD)
    with pytest.raises(NothingToImport):
        importing.ask(run_id=run.pk, clinic_id=bringer.place.clinic.pk, with_doubtful=True, by_id=bringer.user.pk)


def test_what_was_given_up_leaves_no_row(bringer: Bringer) -> None:
    run = importing.drop(run_id=bringer.bring("patients", HEAD, GOOD).pk, clinic_id=bringer.place.clinic.pk)
    assert (run.state, run.file_name, run.header) == ("dropped", "", "")
    assert not ImportRow.objects.exists()


def test_the_queue_takes_it_from_the_file_to_the_end(bringer: Bringer) -> None:
    content = f"{HEAD}\n{GOOD}".encode()
    run = receive(
        clinic_id=bringer.place.clinic.pk, kind="patients", content=content, file_name="x", by_id=bringer.user.pk
    )
    tasks.work_imports()
    run.refresh_from_db()
    assert run.state == "checked"
    importing.ask(run_id=run.pk, clinic_id=bringer.place.clinic.pk, with_doubtful=False, by_id=bringer.user.pk)
    tasks.work_imports()
    run.refresh_from_db()
    assert run.state == "done"
    assert Patient.objects.filter(family_name="Berg").count() == 1


def test_a_turn_ends_in_time_and_asks_for_another(bringer: Bringer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "_TURN_SECONDS", 0.0)
    assert importing.take_turn() is True
    monkeypatch.setattr(importing, "_TURN_SECONDS", 8.0)
    assert importing.take_turn() is False


def test_a_mistake_of_ours_costs_its_row_alone_and_is_logged_without_a_word_of_it(
    bringer: Bringer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    run = bringer.bring("patients", HEAD, GOOD, "A4,Cy,Ek,1970-01-02")
    kind = KINDS["patients"]

    def write(scene: object, order: object) -> object:
        if getattr(order, "plan", {})["record_number"] == "A1":
            raise RuntimeError("Ann Berg is too much for it")
        return kind.write(scene, order)  # type: ignore[arg-type]

    monkeypatch.setitem(KINDS, "patients", _with(kind, write))
    with caplog.at_level(logging.WARNING):
        run = bringer.carry_out(run)
    assert outcomes(run) == ["failed", "written"]
    assert "our mistake" in reasons(run, 2)[0][1]
    assert "Berg" not in caplog.text


def test_a_busy_database_is_asked_again(bringer: Bringer, monkeypatch: pytest.MonkeyPatch) -> None:
    run, tries = bringer.bring("patients", HEAD, GOOD), list[int]()
    kind = KINDS["patients"]

    def write(scene: object, order: object) -> object:
        tries.append(1)
        if len(tries) < 3:
            raise TryAgain
        return kind.write(scene, order)  # type: ignore[arg-type]

    monkeypatch.setitem(KINDS, "patients", _with(kind, write))
    assert outcomes(bringer.carry_out(run)) == ["written"]


def _with(kind: object, write: object) -> object:
    from dataclasses import replace  # noqa: PLC0415

    return replace(kind, write=write)  # type: ignore[type-var]


def test_rows_are_forgotten_after_a_week_and_counts_stay(bringer: Bringer) -> None:
    done, young = bringer.imported("patients", HEAD, GOOD), bringer.bring("patients", HEAD, BAD)
    waiting = bringer.bring("patients", HEAD, BAD)
    week = timezone.now() - dt.timedelta(days=7, minutes=1)
    ImportRun.objects.exclude(pk=young.pk).update(created_at=week)
    assert forgetting.forget_files() == 2
    assert set(ImportRow.objects.values_list("run", flat=True)) == {young.pk}
    done.refresh_from_db()
    waiting.refresh_from_db()
    assert (done.state, done.counts["written"], done.file_name, done.header) == ("done", 1, "", "")
    assert waiting.state == "dropped"
    ImportRun.objects.update(created_at=timezone.now() - dt.timedelta(days=401))
    forgetting.forget_files()
    assert not ImportRun.objects.exists()


@pytest.mark.parametrize(
    ("kind", "header", "missing"),
    [("providers", "specialty", "Name"), ("hours", "day", "Provider, From, To"), ("visits", "date", "Record number")],
)
def test_a_file_without_what_its_kind_needs_is_refused(bringer: Bringer, kind: str, header: str, missing: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        bringer.bring(kind, header, "x")
    assert missing in error.value.detail % error.value.values


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_what_goes_out_comes_back_without_a_change(bringer: Bringer, form: str) -> None:
    place = bringer.place
    bringer.imported("patients", HEAD + ",Phone,Notes", GOOD + ",+12025550148,=1+1", "A2,Bo,Lund,1990-01-02,,-5 kg")
    bringer.imported("providers", "Name,Specialty", "Dr Ana Petrova,Cardiology")
    bringer.imported("hours", "Provider,Day,From,To", "Dr Ana Petrova,Monday,09:00,12:00")
    for number, moment in enumerate((place.at(9), place.at(9, days=-30))):
        status = "completed" if number else ""
        bringer.imported(
            "visits",
            "mrn,type,provider,date,time,status",
            f"R000{number},Consultation,Dr. Amara Obi,{moment:%Y-%m-%d},{moment:%H:%M},{status}",
        )
    for kind in KINDS:
        run, pieces = leaving.export(
            clinic=place.clinic, kind=kind, form=form, chosen=Chosen(with_notes=True), by_id=bringer.user.pk
        )
        content = b"".join(pieces)
        again = bringer.bring(kind, content=content)
        assert set(verdicts(again)) == {"same"}, kind
        run.refresh_from_db()
        assert (run.rows, run.by_id) == (again.total, bringer.user.pk)
        assert run.finished_at is not None


def test_what_is_confidential_stays_unless_it_was_asked_for(bringer: Bringer) -> None:
    bringer.imported("patients", HEAD + ",Notes", GOOD + ",Prefers mornings")
    _run, pieces = leaving.export(
        clinic=bringer.place.clinic, kind="patients", form="csv", chosen=Chosen(), by_id=bringer.user.pk
    )
    content = b"".join(pieces).decode()
    assert "Notes" not in content
    assert "mornings" not in content
    assert not ExportRun.objects.get().with_notes


def test_a_day_narrows_visits_and_another_clinics_stay_there(bringer: Bringer) -> None:
    place, other = bringer.place, small_clinic()
    for where, days in ((place, 2), (place, 3), (other, 2)):
        Bringer(where, bringer.user).imported(
            "visits",
            "mrn,type,provider,date,time",
            f"R0000,Consultation,Dr. Amara Obi,{place.at(9, days=days):%Y-%m-%d},09:00",
        )
    day = place.at(9).date()
    run, pieces = leaving.export(
        clinic=place.clinic, kind="visits", form="csv", chosen=Chosen(first=day, last=day), by_id=bringer.user.pk
    )
    assert run.rows == 1
    assert len(read_table(b"".join(pieces)).rows) == 1


def test_an_export_asks_two_statements_for_five_hundred_rows(
    bringer: Bringer, django_assert_max_num_queries: object
) -> None:
    lines = [HEAD, *(f"N{number},Given{number},Family{number}," for number in range(300))]
    bringer.imported("patients", *lines)
    _run, pieces = leaving.export(
        clinic=bringer.place.clinic, kind="patients", form="csv", chosen=Chosen(), by_id=bringer.user.pk
    )
    with django_assert_max_num_queries(5):  # type: ignore[operator]
        assert len(read_table(b"".join(pieces)).rows) == 303


def test_a_template_names_every_column_that_comes_in() -> None:
    for kind, how in KINDS.items():
        expected = [column.label for column in how.columns if not column.told]
        content = b"".join(leaving.template(kind, "csv")).decode("utf-8-sig").strip()
        assert content.split(",") == expected
        assert b"".join(leaving.template(kind, "xlsx")).startswith(b"PK")
