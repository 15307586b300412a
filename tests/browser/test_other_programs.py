"""Other programs, in the browser: a webhook that is added, answers and is sent to again; a calendar that is given away."""

from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django import Settings

from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.sizes import PHONE
from tests.browser.watching import Watch
from tests.notifications.hooked import Receiver, is_signed, receiving


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_THIS_MACHINE = True
    with receiving() as receiver:
        yield receiver


@pytest.mark.parametrize("size", [None, PHONE])
def test_a_webhook_is_added_tested_and_removed(
    page: Page,
    clinic_day: ClinicDay,
    signed_in: Callable[[Page, User], Page],
    axe: Callable[[Page], None],
    watch: Callable[[Page], Watch],
    receiver: Receiver,
    size: dict[str, int] | None,
) -> None:
    if size:
        page.set_viewport_size(size)  # type: ignore[arg-type]  # width and height
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-hooks"))
    page.get_by_role("link", name="Add a webhook").first.click()
    page.get_by_label("Name").fill("Our website")
    watch(page).expect("400 POST")
    page.get_by_label("Address").fill("https://192.168.1.9/hooks")
    page.get_by_role("button", name="Add and test").click()
    expect(page.get_by_text("private network")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Our website")
    page.get_by_label("Address").fill(receiver.url())
    page.get_by_role("button", name="Add and test").click()
    expect(page.get_by_text("The test was answered in")).to_be_visible()
    secret = page.locator("#secret").inner_text()
    assert is_signed(receiver.heard[0], secret)
    axe(page)
    receiver.verdict = lambda _heard: 500
    page.get_by_role("button", name="Test", exact=True).click()
    expect(page.get_by_text("the receiver failed")).to_be_visible()
    expect(page.locator("#secret")).to_have_count(0)
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_text("Nothing is sent there at the moment.")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    page.get_by_role("link", name="Remove…").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("No program is told of visits")).to_be_visible()


def test_a_calendar_is_given_away_and_taken_back(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page], axe: Callable[[Page], None]
) -> None:
    provider = clinic_day.providers[0].pk
    signed_in(page, clinic_day.admin).goto(clinic_day.path("provider", provider=provider))
    page.get_by_role("link", name="In other programs").click()
    expect(page.get_by_text("No other program reads this calendar")).to_be_visible()
    page.get_by_label("Where it will be read").fill("Dr.'s phone")
    page.get_by_role("button", name="Make the address").click()
    address = page.locator("#address").inner_text()
    axe(page)
    path = "/calendar/" + address.rpartition("/calendar/")[2]
    assert Client().get(path).status_code == 200
    page.get_by_role("button", name="Copy").click()
    page.goto(clinic_day.path("provider-feeds", provider=provider))
    expect(page.locator("#address")).to_have_count(0)
    expect(page.get_by_text("Last read")).to_be_visible()
    page.get_by_role("button", name="Revoke").click()
    expect(page.get_by_text("No other program reads this calendar")).to_be_visible()
    assert Client().get(path).status_code == 404
