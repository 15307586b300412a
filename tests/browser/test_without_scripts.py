"""The front desk's morning in a browser without scripts, and on a phone: slower steps, the same visits."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from appointments.models import Status
from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.sizes import DESK, PHONE

SignIn = Callable[[Page, User], Page]


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_a_visit_arrives_is_taken_back_is_moved_and_another_is_booked(
    open_page: OpenPage, clinic_day: ClinicDay, signed_in: SignIn, size: dict[str, int]
) -> None:
    day = clinic_day
    page = signed_in(open_page(size, java_script_enabled=False), day.desk)
    page.goto(day.path("board"))

    page.locator(f"#v-{day.visits['booked'].pk}").click()
    page.get_by_role("button", name="Patient arrived").click()
    expect(page.locator("#notices")).to_contain_text("rrived")
    assert day.fresh("booked").status == Status.ARRIVED
    page.locator("#notices [data-undo]").click()
    assert day.fresh("booked").status == Status.BOOKED

    page.locator("#visit-move").click()
    page.locator("#panel button[name=start]").first.click()
    expect(page.locator("#notices")).to_contain_text("Moved to")
    assert day.fresh("booked").starts_at != day.visits["booked"].starts_at

    page.goto(day.path("book"))
    page.get_by_label("Patient", exact=True).fill("Chen")
    page.get_by_role("button", name="Search").click()
    before = len(day.visits_of("mei"))
    page.locator("button[name=patient]", has_text="Chen").first.click()
    page.locator("input[name=when]").nth(4).check(force=True)
    page.locator("[data-book]").click()
    expect(page.locator("#notices")).to_contain_text("Booked for")
    assert len(day.visits_of("mei")) == before + 1
