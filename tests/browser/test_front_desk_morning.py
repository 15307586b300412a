"""The front desk's morning, from signing in to the printed sheet: as one story, on one page, by mouse and by keys."""

from collections.abc import Callable
from typing import Final

from playwright.sync_api import Page, expect

from appointments.models import CancellationReason, Status
from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.hands import (
    STEP,
    block,
    column,
    count_strokes,
    drag,
    go,
    is_on,
    is_told,
    open_card,
    pick_up,
    strokes,
    undo,
)
from tests.browser.people import sign_in_by_form
from tests.browser.watching import Watch

FEWEST_KEYS: Final = 12  # beside the name, from the ringing phone to the booked visit


def test_the_front_desks_morning(
    page: Page,
    open_page: OpenPage,
    clinic_day: ClinicDay,
    signed_in: Callable[[Page, User], Page],
    watch: Callable[[Page], Watch],
) -> None:
    sign_in_by_form(page, clinic_day.desk)
    is_on(page, "Day")
    the_phone_rings(page, clinic_day)
    somebody_walks_in(page)
    a_patient_goes_through_the_clinic(page, clinic_day)
    go(page, "Day")
    a_visit_is_dragged_elsewhere_and_back(page, clinic_day)
    a_visit_is_moved_and_lengthened_by_keys(page, clinic_day)
    somebody_stays_away(page, clinic_day)
    somebody_cancels(page, clinic_day)
    watch(page).expect("409 POST")
    two_desks_move_the_same_visit(page, signed_in(open_page(), clinic_day.other_desk), clinic_day)
    the_day_is_printed(page, clinic_day)


def the_phone_rings(page: Page, day: ClinicDay) -> None:
    """Book by keys alone: B, the name, Enter on the patient, Enter on the first free time."""
    count_strokes(page)
    page.keyboard.press("b")
    expect(page.locator("#book-q")).to_be_focused()
    page.keyboard.type("Whitfield")
    page.keyboard.press("Enter")
    expect(page.locator("input[name=when]:checked")).to_be_focused()
    page.keyboard.press("Enter")
    is_told(page, "Booked for")
    assert strokes(page) - len("Whitfield") <= FEWEST_KEYS
    booked = day.visits_of("james")[0]
    assert (booked.status, booked.starts_at > day.base) == (Status.BOOKED, True)
    expect(block(page, booked)).to_contain_text("Whitfield")


def somebody_walks_in(page: Page) -> None:
    """Add somebody who stands at the desk: one form, one step."""
    go(page, "Arrivals")
    page.keyboard.press("w")
    expect(page.get_by_label("Who is here?")).to_be_focused()
    page.keyboard.type("Lang")
    expect(page.get_by_role("radio", name="Lang")).to_be_checked()
    page.keyboard.press("Enter")
    is_told(page, "Arrived, with Dr.")
    expect(column(page, "Arrived")).to_contain_text("Lang")


def a_patient_goes_through_the_clinic(page: Page, day: ClinicDay) -> None:
    """Arrive, room, take the room back and give it again, with the provider, completed: one click each."""
    james = page.get_by_role("button", name="James Whitfield")
    james.filter(has_text="Patient arrived").click()
    expect(column(page, "Arrived")).to_contain_text("Whitfield")
    into_room = james.filter(has_text="In Room")
    into_room.click()
    expect(column(page, "In a room")).to_contain_text("Whitfield")
    undo(page)
    expect(column(page, "Arrived")).to_contain_text("Whitfield")
    into_room.click()
    expect(column(page, "In a room")).to_contain_text("Whitfield")
    james.filter(has_text="With the provider").click()
    expect(column(page, "With provider")).to_contain_text("Whitfield")
    james.filter(has_text="Completed").click()
    is_told(page, "Completed.")
    assert day.visits_of("james")[0].status == Status.COMPLETED


def a_visit_is_dragged_elsewhere_and_back(page: Page, day: ClinicDay) -> None:
    """Drag a visit to another provider, four hours on, and take it back with the notice's Undo."""
    before, other = day.fresh("booked"), day.providers[1]
    drag(page, before, 180, to=other.name)
    is_told(page, "Moved to")
    moved = day.fresh("booked")
    assert (moved.starts_at, moved.provider_id) == (day.at(240), other.pk)
    expect(page.get_by_role("region", name=other.name).locator(f"#v-{before.pk}")).to_be_visible()
    undo(page)
    back = day.fresh("booked")
    assert (back.starts_at, back.provider_id) == (before.starts_at, before.provider_id)
    expect(page.get_by_role("region", name=day.providers[0].name).locator(f"#v-{before.pk}")).to_be_visible()


def a_visit_is_moved_and_lengthened_by_keys(page: Page, day: ClinicDay) -> None:
    """Pick a visit up with M, move it by arrows; then make it longer, and take that back with Z."""
    before = day.fresh("booked")
    pick_up(page, before, *["ArrowDown"] * 3)
    is_told(page, "Moved to")
    assert day.fresh("booked").starts_at == day.at(60 + 3 * STEP)
    expect(page.locator(f"#v-{before.pk}[data-v='{day.fresh('booked').version}']")).to_be_visible()
    pick_up(page, before, *["Shift+ArrowDown"] * 3)
    is_told(page, "Changed.")
    longer = day.fresh("booked")
    assert longer.ends_at - longer.starts_at == before.ends_at - before.starts_at + day.at(3 * STEP) - day.at(0)
    expect(page.locator(f"#v-{before.pk}[data-v='{longer.version}']")).to_be_visible()
    page.keyboard.press("z")
    is_told(page, "Taken back.")
    assert day.fresh("booked").ends_at == day.at(60 + 3 * STEP + 30)


def somebody_stays_away(page: Page, day: ClinicDay) -> None:
    """Mark a no-show after its start; the patient comes after all."""
    card = open_card(page, day.visits["late"])
    card.get_by_role("button", name="No-show").click()
    is_told(page, "Marked as a no-show")
    assert day.fresh("late").status == Status.NO_SHOW
    undo(page)
    assert day.fresh("late").status == Status.BOOKED


def somebody_cancels(page: Page, day: ClinicDay) -> None:
    """Cancel with the reason, in one question, and take it back."""
    card = open_card(page, day.visits["confirmed"])
    card.get_by_role("link", name="Cancel…").click()
    page.get_by_role("button", name="Asked to cancel").click()
    is_told(page, "Cancelled. The time is free again.")
    gone = day.fresh("confirmed")
    assert (gone.status, gone.cancellation_reason) == (Status.CANCELLED, CancellationReason.PATIENT_REQUEST)
    undo(page)
    assert day.fresh("confirmed").status == Status.BOOKED  # a confirmation does not survive


def two_desks_move_the_same_visit(page: Page, other: Page, day: ClinicDay) -> None:
    """One desk has the form open, the other one is quicker: the first sees whose change came first, and chooses."""
    visit = day.visits["arabic"]
    open_card(page, visit).get_by_role("link", name="Move…").click()
    page.get_by_label("Time", exact=True).fill(f"{day.at(210):%H:%M}")
    other.goto(day.path("visit-move", visit=visit.pk))
    other.get_by_label("Time", exact=True).fill(f"{day.at(240):%H:%M}")
    other.get_by_role("button", name="Move", exact=True).click()
    is_told(other, "Moved to")
    page.get_by_role("button", name="Move", exact=True).click()
    clash = page.get_by_role("alert").filter(has_text="Somebody else changed this first")
    expect(clash).to_contain_text("Sam Ortega changed it at")
    for whose, minutes in (("Their change", 240), ("Your change", 210)):
        expect(clash.locator(".sides > div").filter(has_text=whose)).to_contain_text(f"{day.at(minutes):%-I:%M %p}")
    page.get_by_role("button", name="Do mine on top").click()
    is_told(page, "Moved to")
    assert day.fresh("arabic").starts_at == day.at(210)
    other.close()


def the_day_is_printed(page: Page, day: ClinicDay) -> None:
    """Print the day's sheet: what is only for the screen stays off the paper."""
    page.get_by_role("link", name="Day sheet").click()
    page.emulate_media(media="print")
    expect(page.locator(".sheet-page")).to_have_count(len(day.providers))
    expect(page.get_by_text("Whitfield").first).to_be_visible()
    expect(page.get_by_role("navigation", name="Pages")).to_be_hidden()
    assert page.pdf(format="A4").startswith(b"%PDF-")
