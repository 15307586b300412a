"""Reports and the day sheet in a real browser: nothing sticks out, nobody is left out, and paper gets what it needs."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from mediconnect.accounts.models import User
from mediconnect.portal.sheet.keeping import keep_sheets
from tests.browser.clinic_day import ClinicDay
from tests.browser.sizes import DESK, PHONE
from tests.browser.watching import Watch

SignIn = Callable[[Page, User], Page]
REPORTS = ("utilisation", "no-shows", "lead-times", "overrides")
_PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")


def sticks_out(page: Page) -> bool:
    """Return whether the page is wider than the window, or a drawing wider than its place."""
    return bool(
        page.evaluate(
            """() => document.documentElement.scrollWidth > innerWidth || [...document.querySelectorAll('.plot-place')].some(
                (place) => [...place.querySelectorAll('svg')].some(
                    (svg) => svg.getBoundingClientRect().right > place.getBoundingClientRect().right + 1))"""
        )
    )


def test_each_report_fits_its_window_and_keeps_nothing_from_anybody(
    clinic_day: ClinicDay, page: Page, signed_in: SignIn, axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.admin)
    for name in REPORTS:
        page.set_viewport_size(DESK)
        page.goto(clinic_day.path("report", name=name))
        axe(page)
        assert not sticks_out(page), name
        page.set_viewport_size(PHONE)
        assert not sticks_out(page), name


def test_days_are_chosen_and_nonsense_is_refused_in_place(
    clinic_day: ClinicDay,
    page: Page,
    signed_in: SignIn,
    axe: Callable[[Page], None],
    watch: Callable[[Page], Watch],
) -> None:
    signed_in(page, clinic_day.desk).goto(clinic_day.path("reports"))
    page.get_by_role("link", name="Last quarter").click()
    expect(page.get_by_role("link", name="Last quarter")).to_have_attribute("aria-current", "true")
    watch(page).expect("400 GET")
    page.get_by_label("From").fill("2026-03-08")
    page.get_by_label("to", exact=True).fill("2026-03-02")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("alert").filter(has_text="The first day comes after the last one")).to_be_visible()
    expect(page.get_by_label("From")).to_have_value("2026-03-08")
    axe(page)


def test_a_file_comes_down(clinic_day: ClinicDay, page: Page, signed_in: SignIn) -> None:
    signed_in(page, clinic_day.desk).goto(clinic_day.path("reports"))
    with page.expect_download() as download:
        page.get_by_role("link", name="CSV by provider", exact=True).click()
    assert re.fullmatch(r"utilisation_[\d-]{10}_[\d-]{10}\.csv", download.value.suggested_filename)


def test_each_provider_is_printed_on_a_page_in_black_on_white(
    clinic_day: ClinicDay, page: Page, signed_in: SignIn, axe: Callable[[Page], None]
) -> None:
    page.emulate_media(color_scheme="dark")
    signed_in(page, clinic_day.desk).goto(clinic_day.path("sheet"))
    pages = page.locator(".sheet-page").count()
    assert pages == len(clinic_day.providers)
    for paper in ("A4", "Letter"):
        assert len(_PAGE.findall(page.pdf(format=paper))) == pages
    colours = "(one) => [getComputedStyle(one).backgroundColor, getComputedStyle(one).color]"
    assert page.locator(".sheet-page").first.evaluate(colours) == ["rgb(255, 255, 255)", "rgb(0, 0, 0)"]
    axe(page)


def test_the_button_prints_and_without_scripts_words_say_how(
    clinic_day: ClinicDay, open_page: Callable[..., Page], signed_in: SignIn
) -> None:
    page = open_page()
    page.add_init_script("window.print = () => { document.title = 'printed'; }")
    signed_in(page, clinic_day.desk).goto(clinic_day.path("sheet"))
    page.get_by_role("button", name="Print").click()
    expect(page).to_have_title("printed")
    plain = signed_in(open_page(java_script_enabled=False), clinic_day.desk)
    plain.goto(clinic_day.path("sheet"))
    expect(plain.get_by_role("button", name="Print")).to_be_hidden()
    expect(plain.get_by_text("Ctrl+P")).to_be_visible()


def test_the_kept_file_opens_without_the_house_and_is_printed_alike(
    clinic_day: ClinicDay, page: Page, tmp_path: Path, settings: Any, axe: Callable[[Page], None]
) -> None:
    settings.DAY_SHEETS_DIR = str(tmp_path / "sheets")
    keep_sheets()
    page.goto((tmp_path / "sheets" / "index.html").as_uri())
    axe(page)
    page.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=2).first).to_be_visible()
    assert page.locator(".sheet-page").count() == len(_PAGE.findall(page.pdf(format="A4")))
    axe(page)
