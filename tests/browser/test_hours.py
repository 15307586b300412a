"""A clinic admin shortens hours: what it closes and touches is seen before anything is saved."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from mediconnect.accounts.models import User
from providers.models import WorkingHours
from tests.browser.clinic_day import ClinicDay


def test_hours_are_shortened_after_a_look_at_what_closes(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page], axe: Callable[[Page], None]
) -> None:
    day = clinic_day
    provider = day.providers[0]
    signed_in(page, day.admin).goto(day.path("provider", provider=provider.pk))
    weekday = day.visits["booked"].starts_at.astimezone(day.base.tzinfo).weekday()
    row = WorkingHours.objects.get(resource=provider, weekday=weekday)
    page.locator(f"a[href$='/hours/{row.pk}/']").click()

    # Nearly everything closes, and visits are in the way: they are listed, and nothing can be saved.
    page.get_by_label("Until").fill("08:00")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.get_by_role("heading", name="What this changes")).to_be_visible()
    expect(page.get_by_text("Move or cancel")).to_be_visible()
    expect(page.get_by_role("button", name="Save these hours")).to_have_count(0)
    axe(page)

    # The last half hour closes and touches nobody.
    page.get_by_label("Until").fill("19:30")
    page.get_by_role("button", name="See what it changes").click()
    expect(page.get_by_text("Touches no visit.")).to_be_visible()
    page.get_by_role("button", name="Save these hours").click()
    expect(page.locator("#notices")).to_contain_text("The hours are saved.")
    row.refresh_from_db()
    assert f"{row.end_time:%H:%M}" == "19:30"
