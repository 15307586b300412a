"""Somebody was registered twice: the desk finds it, looks, makes them one, sees that it was wrong, and makes them two."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from appointments.models import Appointment
from mediconnect.accounts.models import User
from patients.models import Patient
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.hands import is_told
from tests.browser.sizes import PHONE


def registered_twice(day: ClinicDay) -> tuple[Patient, Patient]:
    """Return two records that look like one person's: the second has the visit that is booked."""
    kept, gone = day.patients["kofi"], day.patients["mei"]
    Patient.objects.filter(pk__in=[kept.pk, gone.pk]).update(birth_date="1980-02-29")
    Patient.objects.filter(pk=gone.pk).update(given_name="Koffi", family_name="Mensah")
    return kept, gone


def of(day: ClinicDay) -> Patient:
    return Appointment.objects.get(pk=day.visits["booked"].pk).patient


def test_a_person_who_was_registered_twice_becomes_one_and_two_again(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page], axe: Callable[[Page], None]
) -> None:
    kept, gone = registered_twice(clinic_day)
    signed_in(page, clinic_day.desk).goto(clinic_day.path("patient", patient=kept.pk))
    page.get_by_role("link", name="Koffi Mensah").filter(has_text="Same person…").click()
    expect(page.get_by_role("heading", name="Two records, one person")).to_be_visible()
    axe(page)
    page.get_by_role("row", name="Given name").get_by_label("Koffi").check()
    expect(page.get_by_text("1 visit", exact=True)).to_be_visible()
    page.get_by_role("button", name="Make them one record").click()
    is_told(page, "The two records are one now.")
    expect(page.get_by_role("heading", name="Koffi Mensah", level=1)).to_be_visible()
    expect(page.locator("#person")).to_contain_text("(also R00007)")
    assert of(clinic_day) == kept

    page.goto(clinic_day.path("patient", patient=gone.pk))
    is_told(page, "The record you looked for became part of this one.")
    page.get_by_role("link", name="What it did, and undo").click()
    expect(page.get_by_text("Back to the other record:")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Undo: make them two again").click()
    is_told(page, "Undone: there are two records again.")
    expect(page.get_by_role("heading", name="Kofi Mensah", level=1)).to_be_visible()
    assert of(clinic_day) == gone


def test_the_notice_undoes_it_at_once(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page]
) -> None:
    kept, gone = registered_twice(clinic_day)
    signed_in(page, clinic_day.desk).goto(clinic_day.path("patient-merge", patient=kept.pk, other=gone.pk))
    page.get_by_role("button", name="Make them one record").click()
    is_told(page, "The two records are one now.")
    page.locator("#notices [data-undo]").click()
    is_told(page, "Undone: there are two records again.")
    assert of(clinic_day) == gone


def test_on_a_phone_without_scripts_the_two_are_found_compared_and_merged(
    open_page: OpenPage, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page]
) -> None:
    page = open_page(PHONE, java_script_enabled=False)
    kept, _gone = registered_twice(clinic_day)
    signed_in(page, clinic_day.desk).goto(clinic_day.path("patient", patient=kept.pk))
    page.get_by_role("link", name="Same person as…").click()
    page.get_by_label("Find the other record").fill("Koffi")
    page.get_by_role("button", name="Search").click()
    page.get_by_role("link", name="Koffi Mensah").filter(has_text="Side by side").click()
    page.get_by_role("button", name="Make them one record").click()
    is_told(page, "The two records are one now.")
    assert of(clinic_day) == kept
