"""Messages as a front desk meets them: what waits is worked through with a click, and a story opens from anywhere."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from appointments.models import Status
from mediconnect.accounts.models import User
from notifications.models import MessageEvent, Reply, State
from tests.browser.clinic_day import ClinicDay
from tests.browser.messages_of_a_day import Written, messages_of_a_day
from tests.browser.sizes import PHONE

SignIn = Callable[[Page, User], Page]


@pytest.fixture
def written(clinic_day: ClinicDay) -> Written:
    return messages_of_a_day(clinic_day)


def test_what_waits_is_worked_through_and_the_count_follows(
    page: Page, clinic_day: ClinicDay, written: Written, signed_in: SignIn, axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.desk).goto(clinic_day.path("messages"))
    expect(page.locator("#alerts")).to_contain_text("4")
    axe(page)
    unclear = page.locator(f"#reply-{written.replies['unclear'].pk}")
    unclear.get_by_role("button", name="Confirm the visit").click()
    expect(unclear).to_have_count(0)
    expect(page.locator("#alerts")).to_contain_text("3")
    assert clinic_day.fresh("tomorrow").status == Status.CONFIRMED
    dead = page.locator(f"#message-{written.messages['dead'].pk}")
    dead.get_by_role("button", name="Send again").click()
    expect(dead).to_have_count(0)
    undelivered = page.locator(f"#message-{written.messages['undelivered'].pk}")
    undelivered.get_by_role("link", name="Done…").click()
    page.get_by_label("What was done").fill("Called the patient")
    page.locator("#panel").get_by_role("button", name="Put away").click()
    expect(page.locator("#panel")).to_contain_text("Put away by Dana Brooks: “Called the patient”")
    expect(undelivered).to_have_count(0)
    expect(page.locator("#alerts")).to_contain_text("1")
    axe(page)


def test_focus_returns_to_what_opened_the_panel(
    page: Page, clinic_day: ClinicDay, written: Written, signed_in: SignIn
) -> None:
    signed_in(page, clinic_day.desk).goto(clinic_day.path("messages"))
    opener = page.locator(f"#close-{written.replies['unclear'].pk}")
    opener.press("Enter")
    expect(page.get_by_role("heading", name="Reply", exact=True)).to_be_focused()
    page.keyboard.press("Escape")
    expect(page.locator("#panel [data-close]")).to_have_count(0)
    expect(opener).to_be_focused()


def test_a_reply_that_somebody_else_answered_leaves_the_list_by_itself(
    page: Page, clinic_day: ClinicDay, written: Written, signed_in: SignIn
) -> None:
    signed_in(page, clinic_day.desk).goto(clinic_day.path("messages"))
    reply = page.locator(f"#reply-{written.replies['call'].pk}")
    expect(reply).to_be_visible()
    Reply.objects.filter(pk=written.replies["call"].pk).update(state=Reply.State.ACTED)
    expect(reply).to_have_count(0)


def test_a_story_opens_from_the_card_of_its_visit_and_leads_back(
    page: Page, clinic_day: ClinicDay, written: Written, signed_in: SignIn, axe: Callable[[Page], None]
) -> None:
    visit = clinic_day.visits["booked"].pk
    signed_in(page, clinic_day.desk).goto(clinic_day.path("visit", visit=visit))
    panel = page.locator("#panel")
    panel.get_by_role("link", name="Reminder, 2 days before").click()
    expect(panel).to_contain_text("Given up: every try failed.")
    axe(page)
    page.reload()  # its address is its own
    expect(page.locator("#board")).to_be_visible()
    expect(panel).to_contain_text("Given up: every try failed.")
    panel.get_by_role("link", name="Dr. Amara Obi").click()
    expect(panel.locator(".visit-card")).to_be_visible()


def test_a_task_of_the_day_is_done_from_the_board(
    page: Page, clinic_day: ClinicDay, written: Written, signed_in: SignIn, axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.desk).goto(clinic_day.path("board"))
    tasks = page.locator("#board-tasks")
    expect(tasks).to_contain_text("Call Mei Chen")
    axe(page)
    tasks.get_by_role("link", name=re.compile("Done….*Mei Chen")).click()
    page.get_by_label("What was done").fill("Told in person")
    page.locator("#panel").get_by_role("button", name="Put away").click()
    expect(page.locator("#panel")).to_contain_text("Told in person")
    assert MessageEvent.objects.filter(message=written.messages["dead"], what="discarded").exists()
    page.reload()
    expect(tasks).not_to_contain_text("Mei Chen")


def test_all_of_it_works_without_scripts_and_on_a_phone(
    open_page: Callable[..., Page], clinic_day: ClinicDay, written: Written, signed_in: SignIn
) -> None:
    page = signed_in(open_page(PHONE, java_script_enabled=False), clinic_day.desk)
    page.goto(clinic_day.path("messages"))
    page.locator(f"#message-{written.messages['dead'].pk}").get_by_role("button", name="Send again").click()
    expect(page.locator(".notice")).to_contain_text("On its way once more.")
    written.messages["dead"].refresh_from_db()
    assert written.messages["dead"].state == State.QUEUED
    page.goto(clinic_day.path("message-log"))
    page.get_by_label("Outcome").select_option("skipped")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(page.locator("tbody tr")).to_have_count(1)
    page.get_by_role("link", name="Why?").click()
    expect(page.locator("#panel")).to_contain_text("Not sent: the visit was cancelled.")
