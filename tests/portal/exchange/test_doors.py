"""The pages of import and export: for whoever runs the clinic, from the template to the file that comes back."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone, translation

from mediconnect.operations.exchange import forgetting, leaving
from mediconnect.operations.exchange.files import read_table
from mediconnect.operations.exchange.files.limits import MOST_BYTES
from mediconnect.operations.models import ExportRun, ImportRow, ImportRun
from mediconnect.operations.tasks import work_imports
from mediconnect.portal.once import new_key
from patients.models import Patient
from providers.models import Role
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.factories import MembershipFactory
from tests.portal.setup.conftest import browser_of, words

pytestmark = pytest.mark.django_db

HEAD = "Record number,Given name,Family name,Birth date,Phone"
GOOD, BAD = "A1,Ann,Berg,1980-02-29,+12025550148", "A2,Bo,Lund,never,"


@dataclass
class Office:
    """A clinic with the browser of whoever runs it."""

    place: SmallClinic
    browser: Client = field(default_factory=Client)

    def address(self, part: str = "") -> str:
        return f"/clinics/{self.place.clinic.pk}/setup/exchange/{part}"

    def get(self, part: str = "", **more: Any) -> Any:
        return self.browser.get(self.address(part), **more)

    def post(self, part: str, **data: Any) -> Any:
        return self.browser.post(self.address(part), {"key": new_key(), **data}, follow=True)

    def upload(
        self, *lines: str, kind: str = "patients", content: bytes | None = None, name: str = "people.csv"
    ) -> Any:
        body = "\n".join(lines).encode() if content is None else content
        return self.post(f"{kind}/upload/", file=SimpleUploadedFile(name, body))

    def looked_at(self, *lines: str) -> tuple[ImportRun, str]:
        """Upload, let the worker look, and return the import with the address of its page."""
        self.upload(*lines)
        work_imports()
        run = ImportRun.objects.latest("created_at")
        return run, f"imports/{run.pk}/"


@pytest.fixture
def office() -> Office:
    place = small_clinic()
    user = MembershipFactory.create(clinic=place.clinic, role=Role.CLINIC_ADMIN).user
    return Office(place, browser_of(user))


def content_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content)


def test_the_first_page_is_empty_in_words_and_leads_to_each_table(office: Office) -> None:
    said = words(office.get())
    for title in ("Patients", "Providers", "Hours", "Visits", "No file was brought yet", "Nothing was taken out yet"):
        assert title in said
    for kind in ("patients", "providers", "hours", "visits"):
        assert "The first row names them" in words(office.get(f"{kind}/"))
    assert office.get("cats/").status_code == 404


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_a_template_is_taken_filled_in_and_read(office: Office, form: str) -> None:
    answer = office.get(f"patients/template.{form}")
    assert f'filename="patients-template.{form}"' in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert content_of(answer)
    assert office.get("patients/template.pdf").status_code == 404


def test_from_the_file_to_the_patients(office: Office) -> None:
    answer = office.upload(HEAD, GOOD, BAD)
    assert "Looked at 0 of 2 rows" in words(answer)
    work_imports()
    run = ImportRun.objects.get()
    said = words(office.get(f"imports/{run.pk}/"))
    assert "people.csv" in said
    assert "Import 1 row" in said
    assert "Birth date: “never” is no date." in said
    assert "New numbers and addresses will not be written to" in said
    answer = office.post(f"imports/{run.pk}/start/")
    assert "Done with 1 of 2 rows" in words(answer)
    work_imports()
    said = words(office.get(f"imports/{run.pk}/"))
    assert "Imported." in said
    assert Patient.objects.filter(family_name="Berg").count() == 1
    refused = content_of(office.get(f"imports/{run.pk}/refused.csv")).decode("utf-8-sig")
    assert "Bo,Lund,never" in refused
    assert "Berg" not in refused
    assert read_table(content_of(office.get(f"imports/{run.pk}/refused.xlsx"))).rows[0][1][1] == "A2"


def test_a_change_shows_before_and_after(office: Office) -> None:
    office.looked_at(HEAD, GOOD)
    run, page = office.looked_at("mrn,surname", "R0000,Morel")
    said = words(office.get(page))
    assert "Family name: Moreau 0 → Morel" in said
    assert run.counts == {"change": 1}


def test_the_list_is_narrowed_and_turned(office: Office) -> None:
    lines = [f"N{number},Given{number},Family{number},," for number in range(130)]
    _run, page = office.looked_at(HEAD, *lines, BAD)
    assert "Page 1 of 2" in words(office.get(page))
    assert "Family129" in words(office.get(page, data={"page": "2"}))
    only = words(office.get(page, data={"only": "refused"}))
    assert "Lund" in only
    assert "Family1 " not in only
    assert office.get(page, data={"page": "999999999", "only": "nonsense"}).status_code == 200


def test_a_page_of_rows_costs_the_same_whatever_it_holds(office: Office, django_assert_max_num_queries: Any) -> None:
    lines = [f"N{number},Given{number},Family{number},," for number in range(120)]
    _run, page = office.looked_at(HEAD, *lines)
    with django_assert_max_num_queries(12):
        assert office.get(page).status_code == 200


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "The file is empty"),
        (b"x" * (MOST_BYTES + 1), "larger than 5 MB"),
        (b"phone,mobile\n1,2\n", "“Phone” stands in the file twice"),
        (b'name\n"open\n', "Line 2 cannot be read"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_on_its_page(office: Office, content: bytes, sentence: str) -> None:
    answer = office.upload(content=content)
    assert answer.status_code == 422
    assert sentence in words(answer)
    assert not ImportRun.objects.exists()


def test_no_file_is_said(office: Office) -> None:
    assert "Choose a file first" in words(office.post("patients/upload/"))


def test_an_upload_never_touches_a_disk(office: Office, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: Any, **_words: Any) -> None:
        raise AssertionError

    monkeypatch.setattr("tempfile.NamedTemporaryFile", refuse)
    monkeypatch.setattr("django.core.files.temp.NamedTemporaryFile", refuse)
    office.upload(HEAD, GOOD, "x" * 3_000_000)
    assert settings.FILE_UPLOAD_HANDLERS == ["mediconnect.portal.exchange.uploads.BoundedMemoryHandler"]


def test_a_form_sent_twice_brings_its_file_once(office: Office) -> None:
    key = new_key()
    for _ in range(2):
        file = SimpleUploadedFile("people.csv", f"{HEAD}\n{GOOD}".encode())
        office.browser.post(office.address("patients/upload/"), {"key": key, "file": file})
    assert ImportRun.objects.count() == 1


def test_a_file_is_given_up(office: Office) -> None:
    run, page = office.looked_at(HEAD, GOOD)
    said = words(office.post(f"imports/{run.pk}/drop/"))
    assert "Nothing was imported, and the file is deleted." in said
    assert not ImportRow.objects.exists()
    assert "The rows of this file are deleted" in words(office.get(page))
    assert office.get(f"imports/{run.pk}/refused.csv").status_code == 404


def test_a_step_that_is_not_open_any_more_is_refused_in_words(office: Office) -> None:
    run, _page = office.looked_at(HEAD, GOOD)
    office.post(f"imports/{run.pk}/start/")
    answer = office.post(f"imports/{run.pk}/start/")
    assert answer.status_code == 409
    assert "This import has gone on" in words(answer)


def test_who_may_be_there_already_is_imported_only_when_ticked(office: Office) -> None:
    office.upload(HEAD, GOOD)
    work_imports()
    first = ImportRun.objects.get()
    office.post(f"imports/{first.pk}/start/")
    work_imports()
    run, page = office.looked_at(HEAD, GOOD.replace("A1", "A9"))
    said = words(office.get(page))
    assert "May be the patient with record number A1" in said
    assert office.post(f"imports/{run.pk}/start/").status_code == 409
    office.post(f"imports/{run.pk}/start/", doubtful="1")
    work_imports()
    assert Patient.objects.filter(family_name="Berg").count() == 2


def test_the_page_of_an_old_file_keeps_its_counts(office: Office) -> None:
    _run, page = office.looked_at(HEAD, GOOD, BAD)
    ImportRun.objects.update(created_at=timezone.now() - dt.timedelta(days=8))
    forgetting.forget_files()
    said = words(office.get(page))
    assert "Cannot be used: 1" in said
    assert "people.csv" not in said


def test_data_goes_out_and_who_took_it_is_written_down(office: Office) -> None:
    answer = office.post("patients/export/", form="csv")
    content = content_of(answer).decode("utf-8-sig")
    assert content.count("Moreau") == 3
    assert "Notes" not in content
    run = ExportRun.objects.get()
    assert (run.kind, run.rows, run.with_notes, run.finished_at is not None) == ("patients", 3, False, True)
    assert "Patients" in words(office.get())
    assert content_of(office.post("patients/export/", form="xlsx", notes="1")).startswith(b"PK")
    assert ExportRun.objects.latest("created_at").with_notes


def test_a_download_that_was_broken_off_is_written_down_as_such(office: Office) -> None:
    answer = office.post("patients/export/", form="csv")
    assert next(iter(answer.streaming_content))
    assert ExportRun.objects.get().finished_at is None


@pytest.mark.parametrize(
    "days", [{"from": "2026-05-02", "to": "2026-05-01"}, {"from": "tomorrow"}, {"to": "2026-02-30"}]
)
def test_days_that_cannot_be_are_refused(office: Office, days: dict[str, str]) -> None:
    assert office.post("visits/export/", form="csv", **days).status_code == 400
    assert not ExportRun.objects.exists()


def test_nothing_goes_out_by_a_link(office: Office) -> None:
    assert office.get("patients/export/").status_code == 405


def test_the_front_desk_may_not_and_another_clinic_sees_nothing(office: Office) -> None:
    run, page = office.looked_at(HEAD, GOOD)
    desk = Office(office.place, browser_of(office.place.desk))
    assert desk.get().status_code == 403
    assert desk.get(page).status_code == 403
    other = small_clinic()
    stranger = Office(other, browser_of(MembershipFactory.create(clinic=other.clinic, role=Role.CLINIC_ADMIN).user))
    for part in (page, f"imports/{run.pk}/refused.csv"):
        assert stranger.get(part).status_code == 404
    for part in ("start", "drop"):
        assert stranger.post(f"imports/{run.pk}/{part}/").status_code == 404
    run.refresh_from_db()
    assert run.state == "checked"


def test_nothing_of_a_file_is_in_the_logs(office: Office, caplog: pytest.LogCaptureFixture) -> None:
    run, _page = office.looked_at(HEAD, GOOD, BAD)
    office.post(f"imports/{run.pk}/start/")
    work_imports()
    assert not any(word in caplog.text for word in ("Berg", "Lund", "1980-02-29", "5550148"))


def test_reasons_in_a_file_are_in_the_readers_language(office: Office) -> None:
    run, _page = office.looked_at(HEAD, BAD)
    with translation.override("es"):
        pieces = leaving.refused_rows(run, "csv")
        heading = translation.gettext("Why it was not imported")
    table = read_table(b"".join(pieces))
    assert table.header[0] == heading
