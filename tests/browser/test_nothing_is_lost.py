"""A hand that slips, a session that ends, a connection that goes: what was typed stays, and a visit is booked once."""

from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.hands import is_told
from tests.browser.people import lapse, sign_in_by_form
from tests.browser.watching import Watch

SignIn = Callable[[Page, User], Page]
Watching = Callable[[Page], Watch]
REASON = "Tingling in the left hand, wishes to be seen before noon"


def all_but_booked(page: Page, day: ClinicDay) -> Locator:
    """Fill in the booking form for Maria, as far as the last click, and return its button."""
    wish = f"start={day.at(300):%Y-%m-%dT%H:%M}&provider={day.providers[0].pk}&type={day.consultation.pk}"
    page.goto(f"{day.path('book')}?patient={day.patients['maria'].pk}&{wish}")
    page.get_by_label("Reason").fill(REASON)
    expect(page.locator("input[name=when]:checked")).to_have_count(1)
    return page.locator("[data-book]")


def is_kept(page: Page) -> None:
    """Find everything still in the form."""
    expect(page.locator("#book-patient")).to_contain_text("Santos")
    expect(page.locator("input[name=when]:checked")).to_have_count(1)
    expect(page.get_by_label("Reason")).to_have_value(REASON)


def is_booked_once(page: Page, day: ClinicDay) -> None:
    """Find the visit booked, with its reason, and no other one."""
    expect(page.locator("#panel")).to_contain_text(REASON)
    booked = [visit for visit in day.visits_of("maria") if visit.starts_at > day.base]
    assert [(visit.starts_at, visit.reason) for visit in booked] == [(day.at(300), REASON)]


def sign_in_beside(page: Page, user: User, link: Locator) -> None:
    """Follow a link to the sign-in, which opens in a tab of its own, sign in there, and come back."""
    with page.context.expect_page() as opened:
        link.click()
    beside = opened.value
    sign_in_by_form(beside, user)
    expect(beside.get_by_role("heading", level=1)).to_have_text("You are signed in again")
    beside.close()


def test_a_double_click_books_once(page: Page, clinic_day: ClinicDay, signed_in: SignIn) -> None:
    all_but_booked(signed_in(page, clinic_day.desk), clinic_day).dblclick()
    is_told(page, "Booked for")
    is_booked_once(page, clinic_day)
    page.goto(clinic_day.path("board"))
    expect(page.locator("#board").get_by_role("link", name="Santos")).to_have_count(2)  # and the one of the morning


def test_a_session_that_lapses_in_mid_form_keeps_the_form(
    page: Page, clinic_day: ClinicDay, signed_in: SignIn, watch: Watching
) -> None:
    book = all_but_booked(signed_in(page, clinic_day.desk), clinic_day)
    watch(page).expect("401")
    lapse(clinic_day.desk)
    book.click()
    banner = page.locator("#banner")
    expect(banner).to_contain_text("You were signed out. What you typed is still here.")
    is_kept(page)
    sign_in_beside(page, clinic_day.desk, banner.get_by_role("link"))
    page.evaluate("dispatchEvent(new Event('focus'))")  # a browser without a screen has no window to come back to
    expect(banner).to_contain_text("You are signed in again. Send the form once more.")
    is_kept(page)
    book.click()
    is_told(page, "Booked for")
    is_booked_once(page, clinic_day)


def test_a_session_that_lapses_in_mid_form_keeps_the_form_without_scripts(
    open_page: OpenPage, clinic_day: ClinicDay, signed_in: SignIn, watch: Watching
) -> None:
    page = signed_in(open_page(java_script_enabled=False), clinic_day.desk)
    book = all_but_booked(page, clinic_day)
    watch(page).expect("401 POST")
    lapse(clinic_day.desk)
    book.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You were signed out before this was sent")
    sign_in_beside(page, clinic_day.desk, page.get_by_role("main").get_by_role("link"))
    watch(page).expect("403 POST")  # a token of before the sign-in: kept once more, and sent with a new one
    for _ in range(2):
        page.get_by_role("button", name="Send again").click()
    is_told(page, "Booked for")
    is_booked_once(page, clinic_day)


def test_a_lost_network_keeps_the_form(page: Page, clinic_day: ClinicDay, signed_in: SignIn, watch: Watching) -> None:
    book = all_but_booked(signed_in(page, clinic_day.desk), clinic_day)
    watch(page).expect("net::ERR_INTERNET_DISCONNECTED POST")
    watch(page).expect("net::ERR_INTERNET_DISCONNECTED")
    page.context.set_offline(True)
    book.click()
    expect(page.locator("#banner")).to_contain_text("No connection. What you typed is still here")
    is_kept(page)
    page.context.set_offline(False)
    book.click()
    is_told(page, "Booked for")
    expect(page.locator("#banner")).to_be_hidden()
    is_booked_once(page, clinic_day)
