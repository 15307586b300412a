"""A sick morning as one story: from the board in two clicks to held times, then questions, answers, a call, and nothing left to do."""

from collections.abc import Callable

from playwright.sync_api import Page, expect

from appointments.models import Appointment, DisplacedVisit
from appointments.services.booking import Booking, Caller, book_appointment
from appointments.services.displacing.answering import accept_proposal, decline_proposal
from mediconnect.accounts.models import User
from providers.models import TimeOff
from tests.browser.clinic_day import ClinicDay
from tests.browser.hands import block, is_told, shows_soon

BY_LINK = Caller(None, patients_own=True)


def test_a_sick_morning_from_the_board_to_the_last_answer(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page], axe: Callable[[Page], None]
) -> None:
    first, second = clinic_day.visits["booked"], another_visit(clinic_day)
    signed_in(page, clinic_day.desk).goto(clinic_day.path("board"))
    two_clicks_close_the_time(page, first)
    assert TimeOff.objects.get().resource_id == first.provider_id
    expect(page.locator("#displaced")).to_contain_text("Held, not sent yet (2)")
    the_board_says_who_needs_a_time(page, clinic_day, first)
    page.get_by_role("button", name="Send 2 proposals").click()
    is_told(page, "The patients are asked.")
    expect(page.locator("#displaced")).to_contain_text("Waiting for an answer (2)")
    accept_proposal(displaced_visit_id=row_of(first).pk, caller=BY_LINK)
    shows_soon(page.locator("#displaced"), "said yes, moved")
    decline_proposal(displaced_visit_id=row_of(second).pk, caller=BY_LINK)
    shows_soon(page.locator("#displaced"), "To call (1)")
    expect(page.get_by_role("button", name="Undo all of it")).to_have_count(0)
    the_desk_calls(page, second, axe)
    expect(page.locator("#displaced")).to_contain_text("Nothing is left to do here.")
    second.refresh_from_db()
    assert not second.displaced
    assert not Appointment.objects.filter(displaced=True).exists()


def another_visit(day: ClinicDay) -> Appointment:
    """Book a second visit of the same provider today."""
    booked = day.visits["booked"]
    booking = Booking(
        appointment_type_id=day.consultation.pk,
        provider_id=booked.provider_id,
        patient_id=day.patients["james"].pk,
        start=day.at(210),
        source="staff",
    )
    return book_appointment(booking, caller=Caller(day.desk.pk, patients_own=False))[0]


def row_of(visit: Appointment) -> DisplacedVisit:
    """Return what is done about a visit."""
    return DisplacedVisit.objects.get(appointment=visit)


def two_clicks_close_the_time(page: Page, visit: Appointment) -> None:
    """Say on the board that the provider is sick, see what it hits, and close the time."""
    column = page.locator(f"[data-column='{visit.provider_id}']")
    column.get_by_role("link", name="Sick today").click()
    expect(page.get_by_role("heading", name="This hits 2 visits")).to_be_visible()
    page.get_by_role("button", name="Close the time and hold these").click()
    is_told(page, "Nobody has been told yet.")


def the_board_says_who_needs_a_time(page: Page, day: ClinicDay, visit: Appointment) -> None:
    """Look at the board and the card, and come back."""
    here = page.url
    page.goto(day.path("board"))
    expect(block(page, visit)).to_contain_text("needs a new time")
    expect(page.locator("#board-tasks")).to_contain_text("2 visits of this day need a new time")
    block(page, visit).click()
    expect(page.locator("#panel")).to_contain_text("This visit needs a new time")
    page.goto(here)


def the_desk_calls(page: Page, visit: Appointment, axe: Callable[[Page], None]) -> None:
    """Note a call, hold another time, and take the patient's yes on the phone."""
    row = page.locator(f"#d-{row_of(visit).pk}")
    row.get_by_role("link", name="Called").click()
    page.get_by_label("What came of it").select_option(label="asked to call back")
    page.get_by_role("button", name="Note the call").click()
    is_told(page, "The call is noted.")
    expect(row).to_contain_text("asked to call back")
    row.get_by_role("link", name="Called").click()
    page.get_by_label("Time", exact=True).select_option(index=3)
    page.get_by_role("button", name="Hold this time").click()
    is_told(page, "The time is held.")
    row.get_by_role("link", name="Change").click()
    axe(page)
    page.get_by_role("button", name="Says yes: move the visit").click()
    is_told(page, "The visit is moved.")
