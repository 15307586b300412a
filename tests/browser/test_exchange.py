"""A clinic moves in by files, in a browser: a template, two rows that cannot be used, corrected, imported, and out again."""

import io
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from mediconnect.accounts.models import User
from mediconnect.operations.models import ExportRun, ImportRun
from mediconnect.operations.tasks import work_imports
from patients.models import Patient
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.sizes import PHONE

SignedIn = Callable[[Page, User], Page]

ROWS = (
    ("N1", "Ines", "Duarte", "1980-02-29"),
    ("N2", "Omar", "Farouk", "31/31/1990"),
    ("N3", "", "", "1990-01-02"),
)


def filled_in(template: bytes, rows: tuple[tuple[str, ...], ...]) -> bytes:
    """Return a template with rows below its headings."""
    book, out = load_workbook(io.BytesIO(template)), io.BytesIO()
    for row in rows:
        book.worksheets[0].append(row)
    book.save(out)
    return out.getvalue()


def bring(page: Page, name: str, content: bytes) -> None:
    """Upload a file on the page of its kind and let the worker look at it."""
    page.get_by_label("File", exact=True).set_input_files({"name": name, "mimeType": "", "buffer": content})
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_text("Each row is looked at now")).to_be_visible()
    work_imports()


def test_from_the_template_to_the_export(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.admin).goto(clinic_day.path("exchange"))
    page.get_by_role("main").get_by_role("link", name="Patients").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Excel").click()
    template = Path(download.value.path()).read_bytes()
    bring(page, "people.xlsx", filled_in(template, ROWS))
    expect(page.get_by_text("“31/31/1990” is no date.")).to_be_visible()
    expect(page.get_by_text("A person has a given or a family name")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Import 1 row").click()
    expect(page.get_by_text("The import has begun")).to_be_visible()
    work_imports()
    expect(page.get_by_text("Imported.", exact=True)).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV").click()
    refused = Path(download.value.path()).read_text(encoding="utf-8-sig")
    assert "Omar" in refused
    assert "Ines" not in refused
    page.get_by_role("link", name="Bring another file").click()
    corrected = refused.replace("31/31/1990", "1990-12-31").replace("N3,,", "N3,Aiko,Mori")
    bring(page, "corrected.csv", corrected.encode())
    page.get_by_role("button", name="Import 2 rows").click()
    expect(page.get_by_text("The import has begun")).to_be_visible()
    work_imports()
    expect(page.get_by_text("Imported.", exact=True)).to_be_visible()
    assert Patient.objects.filter(family_name__in=["Duarte", "Farouk", "Mori"]).count() == 3
    page.get_by_role("link", name="Bring another file").click()
    with page.expect_download() as download:
        page.get_by_role("button", name="CSV").click()
    assert "Duarte" in Path(download.value.path()).read_text(encoding="utf-8-sig")
    page.goto(clinic_day.path("exchange"))
    expect(page.get_by_role("region", name="Exports").get_by_role("row")).to_have_count(2)
    assert ExportRun.objects.get().finished_at is not None
    axe(page)


def test_without_scripts_and_on_a_phone_it_works_the_same(
    open_page: OpenPage, clinic_day: ClinicDay, signed_in: SignedIn
) -> None:
    page = signed_in(open_page(PHONE, java_script_enabled=False), clinic_day.admin)
    page.goto(clinic_day.path("exchange-kind", kind="patients"))
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "people.csv", "mimeType": "text/csv", "buffer": b"first name,last name\nInes,Duarte\n"}
    )
    page.get_by_role("button", name="Look at the rows").click()
    work_imports()
    page.get_by_role("link", name="Look again").click()
    page.get_by_role("button", name="Import 1 row").click()
    work_imports()
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("Imported.", exact=True)).to_be_visible()
    assert ImportRun.objects.get().counts == {"new": 1, "written": 1}


def test_a_file_that_is_no_table_is_told_where_it_was_brought(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, watch: Callable[[Page], object], axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.admin).goto(clinic_day.path("exchange-kind", kind="visits"))
    watch(page).expect("422 POST")  # type: ignore[attr-defined]
    page.get_by_label("File", exact=True).set_input_files(
        {"name": "x.csv", "mimeType": "text/csv", "buffer": b"date\n2026-01-01\n"}
    )
    page.get_by_role("button", name="Look at the rows").click()
    expect(page.get_by_text("These are missing: Record number, Visit type, Provider, Time.")).to_be_visible()
    axe(page)
