"""The link of a message in real browsers: on a phone, with large text, by keyboard, without scripts, on paper."""

import datetime as dt
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from appointments.models import Appointment
from patients.models import Patient
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.browser.conftest import OpenPage
from tests.browser.sizes import DESK, PHONE
from tests.browser.watching import Watch
from tests.notifications.linked import booked, linked


@pytest.fixture
def clinic(transactional_db: None) -> SmallClinic:
    """A clinic with an address, committed."""
    place = small_clinic()
    place.clinic.address = "12 Harbour Street, New York, NY 10004"
    place.clinic.region = "US-NY"
    place.clinic.save()
    return place


@pytest.fixture
def visit(clinic: SmallClinic) -> Appointment:
    """A visit in three days."""
    return booked(clinic)


def give_birth_date(page: Page, *, year: str = "1984") -> None:
    """Fill in the birth date and go on."""
    page.get_by_label("Month").fill("5")
    page.get_by_label("Day").fill("17")
    page.get_by_label("Year").fill(year)
    page.get_by_role("button", name="Go on").click()


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_a_patient_confirms_moves_cancels_and_takes_it_back(
    open_page: OpenPage, visit: Appointment, *, scripts: bool
) -> None:
    page = open_page(PHONE, java_script_enabled=scripts)
    token = linked(visit)
    page.goto(f"/a/{token}/")
    page.get_by_role("button", name="Yes, I will come").click()
    expect(page.get_by_text("You said that you will come.")).to_be_visible()
    page.get_by_role("link", name="Cancel the visit").click()
    give_birth_date(page)
    page.get_by_label("I have no way to get there").check()
    page.get_by_role("button", name="Cancel the visit").click()
    expect(page.get_by_role("heading", name="The visit is cancelled")).to_be_visible()
    page.get_by_role("button", name="Take it back").click()
    page.get_by_role("link", name="I need another time").click()
    page.get_by_role("radio").nth(2).check()
    page.get_by_role("button", name="Move to this time").click()
    expect(page.get_by_role("heading", name="The visit is moved")).to_be_visible()
    found = Appointment.objects.get(pk=visit.pk)
    assert found.status == "booked"
    assert found.starts_at != visit.starts_at


def test_a_wrong_birth_date_is_told_and_keeps_nothing_from_trying_again(
    page: Page, visit: Appointment, watch: Callable[[Page], Watch]
) -> None:
    watch(page).expect("403 POST")
    page.goto(f"/a/{linked(visit)}/check/")
    give_birth_date(page, year="1985")
    expect(page.get_by_role("alert")).to_contain_text("You can try 4 more times.")
    give_birth_date(page)
    expect(page.get_by_text("Lena Moreau 0")).to_be_visible()


def test_the_whole_way_goes_by_keyboard(page: Page, visit: Appointment) -> None:
    page.goto(f"/a/{linked(visit)}/")
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip() == "Yes, I will come":
            break
    page.keyboard.press("Enter")
    expect(page.get_by_text("You said that you will come.")).to_be_visible()


_STATES = ("", "check/", "1/cancel/", "1/move/")


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_each_page_is_open_to_all_people_and_whole(
    open_page: OpenPage, visit: Appointment, axe: Callable[[Page], None], size: ViewportSize
) -> None:
    page = open_page(size)
    token = linked(visit)
    for checked in (False, True):
        if checked:
            page.goto(f"/a/{token}/check/")
            give_birth_date(page)
        for address in _STATES:
            page.goto(f"/a/{token}/{address}")
            axe(page)
            # Large text: twice the size that the browser is set to.
            for scale in ("100%", "200%"):
                page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", scale)
                overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
                assert overhang <= 0, f"{address or 'the first page'} runs off by {overhang} pixels at {scale}"


def test_a_page_that_leads_nowhere_is_open_to_all_people(
    page: Page, visit: Appointment, axe: Callable[[Page], None], watch: Callable[[Page], Watch]
) -> None:
    watch(page).expect("404 GET")
    page.goto(f"/a/{'x' * 22}/")
    expect(page.get_by_role("heading", name="This link leads nowhere")).to_be_visible()
    axe(page)


def test_a_family_reads_its_visits_on_paper(open_page: OpenPage, clinic: SmallClinic, visit: Appointment) -> None:
    other = booked(clinic, hour=15, patient=1)
    Patient.objects.filter(pk=other.patient_id).update(birth_date=dt.date(2015, 2, 1))
    page = open_page()
    page.goto(f"/a/{linked(visit, other)}/")
    page.emulate_media(media="print")
    for said in ("10:00\N{NO-BREAK SPACE}AM", "3:00\N{NO-BREAK SPACE}PM", "12 Harbour Street"):
        expect(page.get_by_text(said)).to_be_visible()
    expect(page.get_by_role("button", name="Yes, I will come").first).to_be_hidden()
