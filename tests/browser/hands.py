"""What a front desk's hands do on the pages, in one word each: open a visit, pick it up, drop it, take it back."""

from typing import Final

from playwright.sync_api import Locator, Page, expect

from appointments.models import Appointment

STEP: Final = 5  # minutes that one press of an arrow moves a visit
_WITHIN_MS: Final = 4_000  # a change shows within 2 s; the rest is for a machine that does other things as well


def is_on(page: Page, name: str) -> None:
    """Wait until the page of that name is open and listens to keys."""
    rooms = page.get_by_role("navigation", name="Pages")
    expect(rooms.locator("[aria-current=page]")).to_have_text(name)
    page.wait_for_load_state()


def go(page: Page, name: str) -> None:
    """Go to the page of that name by the links above every page."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name=name).click()
    is_on(page, name)


def block(page: Page, visit: Appointment) -> Locator:
    """Return the visit's block on the board."""
    return page.locator(f"#v-{visit.pk}")


def column(page: Page, title: str) -> Locator:
    """Return the column of arrivals with that title."""
    return page.locator("#flow").get_by_role("region", name=title)


def is_told(page: Page, words: str) -> None:
    """Wait until the notice above the page says so."""
    expect(page.locator("#notices")).to_contain_text(words)


def shows_soon(one: Locator, words: str) -> None:
    """Wait as long as a change made elsewhere may take to show, and no longer."""
    expect(one).to_contain_text(words, timeout=_WITHIN_MS)


def undo(page: Page) -> None:
    """Press the notice's Undo and wait until it says that the last step is taken back."""
    page.locator("#notices [data-undo]").click()
    is_told(page, "Taken back.")


def open_card(page: Page, visit: Appointment) -> Locator:
    """Click a visit on the board and return its card, open beside it."""
    block(page, visit).click()
    card = page.locator(f"#panel [data-visit='{visit.pk}']")
    expect(card).to_be_visible()
    return card


def drag(page: Page, visit: Appointment, minutes: int, to: str) -> None:
    """Drag a visit so many minutes down and into the column of that name, and drop it once the rules have agreed."""
    one, there = _movable(page, visit), page.get_by_role("region", name=to)
    one.scroll_into_view_if_needed()
    here, target = one.bounding_box(), there.bounding_box()
    assert here is not None
    assert target is not None
    per_minute = float(
        page.evaluate("getComputedStyle(document.getElementById('board')).getPropertyValue('--minute')")[:-2]
    )
    x, y = here["x"] + here["width"] / 2, here["y"] + 6
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 12)
    page.mouse.move(target["x"] + target["width"] / 2, y + minutes * per_minute, steps=4)
    expect(page.locator(".ghost.is-allowed")).to_be_visible()
    expect(page.locator("#board-voice")).not_to_be_empty()
    page.mouse.up()


def pick_up(page: Page, visit: Appointment, *keys: str) -> None:
    """Go to a visit, pick it up with M, press the keys and put it down."""
    _movable(page, visit).focus()
    for key in ("m", *keys):
        page.keyboard.press(key)
    expect(page.locator(".ghost.is-allowed")).to_be_visible()
    page.keyboard.press("Enter")


def _movable(page: Page, visit: Appointment) -> Locator:
    """Return a visit's block once the script of the board has it in hand: a moment after the board was drawn."""
    one = block(page, visit)
    expect(one).to_have_attribute("data-movable", "")
    return one


def count_strokes(page: Page) -> None:
    """Count the keys that are pressed on this page from now on: see `strokes`."""
    page.evaluate("() => { window.strokes = 0; addEventListener('keydown', () => { window.strokes += 1; }, true); }")


def strokes(page: Page) -> int:
    """Return how many keys were pressed since `count_strokes`."""
    return int(page.evaluate("window.strokes"))
