"""The account pages, which everybody passes through: they let people in, and nothing on them is out of order."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.people import code_of, has_second_factor, lapse, sign_in_by_form
from tests.browser.sizes import PHONE
from tests.browser.watching import Watch
from tests.factories import UserFactory

FOR_VISITORS = ("/accounts/sign-in/", "/accounts/reset/")
FOR_MEMBERS = ("/accounts/sessions/", "/accounts/password/", "/accounts/second-factor/enrol/")


def test_the_form_lets_the_front_desk_in(page: Page, clinic_day: ClinicDay) -> None:
    sign_in_by_form(page, clinic_day.desk)
    expect(page.get_by_text("Dana Brooks").first).to_be_visible()
    assert "/accounts/sign-in/" not in page.url


def test_a_wrong_password_is_told_on_the_form_which_keeps_the_address(
    page: Page, clinic_day: ClinicDay, watch: Callable[[Page], Watch]
) -> None:
    watch(page).expect("401 POST")
    sign_in_by_form(page, clinic_day.desk, password="not-the-password")
    expect(page.get_by_role("alert")).to_be_visible()
    expect(page.locator("input[name=email]")).to_have_value(clinic_day.desk.email)


def test_a_clinic_admin_is_asked_for_a_code(page: Page, clinic_day: ClinicDay) -> None:
    has_second_factor(clinic_day.admin)
    sign_in_by_form(page, clinic_day.admin)
    expect(page).to_have_url(re.compile("/accounts/second-factor/"))
    page.locator("input[name=code]").fill(code_of(clinic_day.admin))
    page.locator("main button[type=submit]").click()
    expect(page.get_by_text("Priya Raman").first).to_be_visible()


def test_a_clinic_admin_without_a_second_factor_sets_one_up_on_the_way_in(page: Page, clinic_day: ClinicDay) -> None:
    sign_in_by_form(page, clinic_day.admin)
    expect(page).to_have_url(re.compile("/accounts/second-factor/enrol/"))
    page.locator("input[name=code]").fill(code_of(clinic_day.admin))
    page.locator("main button[type=submit]").click()
    expect(page.get_by_text(re.compile(r"^[A-Z2-9]+-[A-Z2-9]+-[A-Z2-9]+$"))).to_have_count(10)


def test_whoever_was_idle_too_long_signs_in_again(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page]
) -> None:
    signed_in(page, clinic_day.desk).goto("/accounts/sessions/")
    expect(page.get_by_text("Dana Brooks").first).to_be_visible()
    lapse(clinic_day.desk)
    page.reload()
    expect(page).to_have_url(re.compile("/accounts/sign-in/"))


def test_without_javascript_the_form_lets_people_in_all_the_same(open_page: OpenPage, clinic_day: ClinicDay) -> None:
    page = open_page(java_script_enabled=False)
    sign_in_by_form(page, clinic_day.desk)
    expect(page.get_by_text("Dana Brooks").first).to_be_visible()


@pytest.mark.parametrize("path", FOR_VISITORS)
def test_axe_finds_nothing_where_visitors_come(page: Page, axe: Callable[[Page], None], path: str) -> None:
    page.goto(path)
    axe(page)


@pytest.mark.parametrize("path", FOR_MEMBERS)
def test_axe_finds_nothing_where_members_come(
    page: Page, axe: Callable[[Page], None], signed_in: Callable[[Page, User], Page], path: str
) -> None:
    signed_in(page, UserFactory.create()).goto(path)
    axe(page)


@pytest.mark.parametrize("path", FOR_VISITORS)
def test_on_a_phone_nothing_runs_off_to_the_side(open_page: OpenPage, path: str) -> None:
    page = open_page(PHONE)
    page.goto(path)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
