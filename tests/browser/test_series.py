"""A series at the desk: repeated from the booking panel, one conflict resolved, then what follows cancelled; with and without scripts."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from appointments.models import Series
from appointments.services.booking import Booking, Caller, book_appointment
from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.hands import is_told
from tests.browser.sizes import DESK, PHONE
from tests.browser.watching import Watch

SignIn = Callable[[Page, User], Page]


def taken(day: ClinicDay, days: int) -> None:
    """Let somebody else have nine o'clock with the first provider, so many days from today."""
    start = day.base.replace(hour=9, minute=0) + (day.at(24 * 60 * days) - day.base)
    wish = Booking(day.follow_up.pk, day.providers[0].pk, day.patients["peter"].pk, start, "staff")
    book_appointment(wish, caller=Caller(day.other_desk.pk, patients_own=False))


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_series_is_booked_with_one_conflict_resolved_and_what_follows_is_cancelled(
    open_page: OpenPage,
    clinic_day: ClinicDay,
    signed_in: SignIn,
    axe: Callable[[Page], None],
    watch: Callable[[Page], Watch],
    scripts: bool,  # pytest hands it over
) -> None:
    day = clinic_day
    taken(day, 9)
    page = signed_in(open_page(DESK if scripts else PHONE, java_script_enabled=scripts), day.desk)
    page.goto(f"{day.path('book')}?patient={day.patients['mei'].pk}&type={day.follow_up.pk}")
    page.get_by_role("button", name="Repeat…").click()
    expect(page.get_by_role("heading", name="Repeat a visit")).to_be_visible()
    page.get_by_label("Provider", exact=True).select_option(str(day.providers[0].pk))
    page.get_by_label("First on").fill(f"{day.at(2 * 24 * 60):%Y-%m-%d}")
    page.get_by_label("Time", exact=True).fill("09:00")
    page.get_by_label("It comes back").select_option("week-1")
    page.get_by_label("How many visits").fill("4")
    page.get_by_role("button", name="Show the dates").click()

    expect(page.get_by_text("1 of 4 visits is not free then.")).to_be_visible()
    conflict = page.locator(".series-row.is-taken")
    expect(conflict).to_have_count(1)
    expect(conflict).to_contain_text("is taken until")
    conflict.get_by_role("radio").nth(1).check()
    if scripts:
        axe(page)
    page.get_by_role("button", name="Book them all").click()
    is_told(page, "4 visits booked.")
    expect(page.locator(".series-dates tbody tr")).to_have_count(4)
    series = Series.objects.get()
    assert page.url.endswith(day.path("series", series=series.pk))

    page.get_by_role("link", name="Cancel from visit 2 on").click()
    expect(page.get_by_label("This one and all that follow")).to_be_checked()
    page.get_by_role("button", name="Asked to cancel").click()
    is_told(page, "3 visits cancelled.")
    assert [visit.status for visit in series.visits.order_by("occurrence")] == ["booked"] + ["cancelled"] * 3

    page.locator("#notices [data-undo]").click()
    is_told(page, "The cancellation is undone: 3 visits are booked again.")
    assert {visit.status for visit in series.visits.all()} == {"booked"}
    page.locator(".series-dates tbody tr").nth(1).get_by_role("link").first.click()
    expect(page.locator("#panel")).to_contain_text("2 of 4, every")
