"""Setting a clinic up in a browser: closed after a look, opened again by one click, people invited and asked about."""

import datetime as dt
from collections.abc import Callable

from playwright.sync_api import Page, expect

from mediconnect.accounts.models import User
from providers.models import AppointmentType, Closure, Membership
from providers.services.kinds import change_appointment_type
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage

SignedIn = Callable[[Page, User], Page]


def close_on(page: Page, clinic_day: ClinicDay, days: int) -> None:
    """Ask for a closure of one whole day, so many days from now, and look at what it changes."""
    page.goto(clinic_day.path("setup-closure-new"))
    page.get_by_label("First day").fill((clinic_day.base.date() + dt.timedelta(days=days)).isoformat())
    page.get_by_label("Reason").fill("Staff training")
    page.get_by_role("button", name="See what it changes").click()


def test_a_closure_is_looked_at_entered_withdrawn_and_put_back_by_one_undo(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.admin)
    close_on(page, clinic_day, 9)
    expect(page.get_by_text("Touches no visit.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Close the clinic").click()
    expect(page.get_by_text("Staff training")).to_be_visible()
    page.get_by_role("button", name="Withdraw").click()
    expect(page.get_by_text("The closure is withdrawn")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The clinic is closed then.")).to_be_visible()
    assert not Closure.objects.get().cancelled


def test_without_scripts_it_works_the_same(open_page: OpenPage, clinic_day: ClinicDay, signed_in: SignedIn) -> None:
    page = signed_in(open_page(java_script_enabled=False), clinic_day.admin)
    close_on(page, clinic_day, 9)
    page.get_by_role("button", name="Close the clinic").click()
    page.get_by_role("button", name="Withdraw").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The clinic is closed then.")).to_be_visible()
    assert not Closure.objects.get().cancelled


def test_a_closure_over_visits_shows_a_new_time_for_each_before_it_is_made(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Callable[[Page], None]
) -> None:
    signed_in(page, clinic_day.admin)
    close_on(page, clinic_day, 1)
    expect(page.get_by_role("heading", name="This hits 1 visit")).to_be_visible()
    expect(page.get_by_role("button", name="Close the clinic")).to_have_count(0)
    expect(page.get_by_role("button", name="Close the time and hold")).to_be_visible()
    assert not Closure.objects.exists()
    axe(page)


def test_a_type_that_somebody_else_changed_shows_both_changes(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn, axe: Callable[[Page], None], watch: Callable[[Page], object]
) -> None:
    kind = clinic_day.follow_up
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-type", kind=kind.pk))
    page.get_by_label("Length in minutes").fill("20")
    change_appointment_type(appointment_type_id=kind.pk, version=kind.version, values={"name": "Second visit"})
    watch(page).expect("409")  # type: ignore[attr-defined]
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Somebody else changed this first")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Do mine on top").click()
    expect(page.get_by_role("link", name="Second visit")).to_be_visible()
    assert AppointmentType.objects.get(pk=kind.pk).duration == 20


def test_a_colleague_is_invited_and_removed_after_one_question(
    page: Page, clinic_day: ClinicDay, signed_in: SignedIn
) -> None:
    signed_in(page, clinic_day.admin).goto(clinic_day.path("setup-people"))
    page.get_by_role("link", name="Invite somebody").click()
    page.get_by_label("E-mail").fill("ines.ferreira@example.org")
    page.get_by_label("Name").fill("Inês Ferreira")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_text("invited, no password yet")).to_be_visible()
    page.get_by_role("link", name="Inês Ferreira").click()
    page.get_by_role("link", name="Remove from this clinic…").click()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Removed. The account itself stays.")).to_be_visible()
    assert not Membership.objects.filter(user__email="ines.ferreira@example.org").exists()
