"""What others do shows on every open page within two seconds, and takes nothing out of anybody's hands."""

from collections.abc import Callable

from playwright.sync_api import APIResponse, Page, Request, Route, expect

from appointments.models import Appointment
from appointments.services.booking import Caller
from appointments.services.flow import advance_appointment
from mediconnect.accounts.models import User
from mediconnect.api.versions import Expected
from tests.browser.clinic_day import ClinicDay
from tests.browser.conftest import OpenPage
from tests.browser.hands import block, column, is_told, pick_up, shows_soon

SignIn = Callable[[Page, User], Page]


# Notes each version in which the block of that id is shown from now on.
_WATCH = """id => {
    window.shown = [];
    const look = () => window.shown.push(document.getElementById(id)?.dataset.v ?? "gone");
    new MutationObserver(look).observe(document.body, { childList: true, subtree: true });
}"""


def step_elsewhere(day: ClinicDay, visit: Appointment, step: str) -> None:
    """Take a step as the other desk does, at its own machine."""
    now = Appointment.objects.get(pk=visit.pk)
    caller = Caller(day.other_desk.pk, patients_own=False)
    advance_appointment(
        appointment_id=now.pk, step=step, expected=Expected(now.version, by_header=False), caller=caller
    )


def refreshes(asked: Request) -> bool:
    """Return whether a page fetches its live part again."""
    return "x-background" in asked.headers and "hx-request" in asked.headers


def test_a_change_elsewhere_shows_on_board_and_arrivals_while_one_types(
    open_page: OpenPage, clinic_day: ClinicDay, signed_in: SignIn
) -> None:
    visit = clinic_day.visits["booked"]
    arrivals = signed_in(open_page(), clinic_day.desk)
    arrivals.goto(clinic_day.path("arrivals"))
    page = signed_in(open_page(), clinic_day.desk)
    page.goto(clinic_day.path("board"))
    page.keyboard.press("b")
    page.get_by_label("Reason").fill("Asks for a morn")
    page.get_by_label("Patient", exact=True).press_sequentially("Featherst")

    step_elsewhere(clinic_day, visit, "arrive")
    shows_soon(block(page, visit), "arrived")
    shows_soon(column(arrivals, "Arrived"), "Chen")
    expect(page.get_by_label("Patient", exact=True)).to_be_focused()
    page.keyboard.type("on")
    expect(page.get_by_label("Patient", exact=True)).to_have_value("Featherston")
    expect(page.get_by_label("Reason")).to_have_value("Asks for a morn")
    expect(page.get_by_role("option", name="Featherstonehaugh")).to_be_visible()


def test_what_is_in_the_hand_stays_there_until_it_is_put_down(
    page: Page, clinic_day: ClinicDay, signed_in: SignIn
) -> None:
    """Picked up while the new board is already on its way: the visit is held, and what changed shows afterwards."""
    here, elsewhere = clinic_day.visits["booked"], clinic_day.visits["arabic"]
    signed_in(page, clinic_day.desk).goto(clinic_day.path("board"))
    on_the_way: list[Route] = []
    page.route("**/*", lambda route: on_the_way.append(route) if refreshes(route.request) else route.continue_())
    with page.expect_request(refreshes):
        step_elsewhere(clinic_day, elsewhere, "arrive")
    block(page, here).focus()
    page.keyboard.press("m")
    page.keyboard.press("ArrowDown")
    on_the_way.pop().continue_()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".ghost")).to_contain_text(f"{clinic_day.at(70):%-I:%M}")
    page.unroute_all(behavior="ignoreErrors")
    page.keyboard.press("Escape")
    expect(page.locator(".ghost")).to_have_count(0)
    shows_soon(block(page, elsewhere), "arrived")
    expect(block(page, here)).to_have_attribute("data-movable", "")


def test_a_picture_of_before_does_not_put_a_moved_visit_back(
    page: Page, clinic_day: ClinicDay, signed_in: SignIn
) -> None:
    """Picked up, moved and put down while a board of before is on its way: what arrives late is not shown."""
    here, elsewhere = clinic_day.visits["booked"], clinic_day.visits["arabic"]
    signed_in(page, clinic_day.desk).goto(clinic_day.path("board"))
    of_before: list[tuple[Route, APIResponse]] = []

    def keep_the_first(route: Route) -> None:
        if of_before or not refreshes(route.request):
            route.continue_()
        else:
            of_before.append((route, route.fetch()))

    page.route("**/*", keep_the_first)
    with page.expect_request(refreshes):
        step_elsewhere(clinic_day, elsewhere, "arrive")
    pick_up(page, here, "ArrowDown", "ArrowDown")
    is_told(page, "Moved")
    moved = Appointment.objects.get(pk=here.pk)
    assert moved.starts_at > here.starts_at
    expect(block(page, here)).to_have_attribute("data-v", str(moved.version), timeout=10_000)
    page.evaluate(_WATCH, f"v-{here.pk}")
    route, answer = of_before[0]
    route.fulfill(response=answer)
    shows_soon(block(page, elsewhere), "arrived")
    assert set(page.evaluate("window.shown")) <= {str(moved.version)}
    page.unroute_all(behavior="ignoreErrors")


def test_who_went_elsewhere_while_the_board_came_stays_there(
    page: Page, clinic_day: ClinicDay, signed_in: SignIn
) -> None:
    here, elsewhere = clinic_day.visits["booked"], clinic_day.visits["arabic"]
    signed_in(page, clinic_day.desk).goto(clinic_day.path("board"))
    block(page, here).focus()
    on_the_way: list[Route] = []
    page.route("**/*", lambda route: on_the_way.append(route) if refreshes(route.request) else route.continue_())
    with page.expect_request(refreshes):
        step_elsewhere(clinic_day, elsewhere, "arrive")
    rooms = page.get_by_role("navigation", name="Pages").get_by_role("link").first
    rooms.focus()
    on_the_way.pop().continue_()
    shows_soon(block(page, elsewhere), "arrived")
    expect(rooms).to_be_focused()
    page.unroute_all(behavior="ignoreErrors")
