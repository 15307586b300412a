"""The pictures of README and docs: each a page of a busy day, its size and theme, and what is done there first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser.clinic_day import ClinicDay
from tests.browser.sizes import DESK, PHONE


def _nothing(page: Page, day: ClinicDay) -> None:
    """Leave the page as it opens."""


@dataclass(frozen=True)
class Picture:
    """One picture. `path` gives the address for a day, `steps` what is done before the shutter; `by` is whose page it is."""

    name: str
    path: Callable[[ClinicDay], str]
    viewport: ViewportSize = field(default_factory=DESK.copy)
    theme: Literal["light", "dark"] = "light"
    steps: Callable[[Page, ClinicDay], None] = _nothing
    by: Literal["desk", "admin", "doctor"] = "desk"


def _phone_rings(page: Page, day: ClinicDay) -> None:
    """Open the panel on free time and look somebody up."""
    page.get_by_role("link", name="Book").first.click()
    page.locator("#panel input[name=q]").press_sequentially("San")
    page.locator("#book-found").get_by_text("Santos").wait_for()


def _a_card(page: Page, day: ClinicDay) -> None:
    """Open the card of a visit to come."""
    page.locator("#board a.visit.is-confirmed").first.click()
    page.locator("#panel [data-visit]").wait_for()


PICTURES: Final = (
    Picture("board", lambda day: day.path("board"), steps=_a_card),
    Picture("board-dark", lambda day: day.path("board"), theme="dark"),
    Picture("board-phone", lambda day: day.path("board"), PHONE),
    Picture("booking", lambda day: day.path("board"), steps=_phone_rings),
    Picture("arrivals", lambda day: day.path("arrivals")),
    Picture("week", lambda day: day.path("week")),
    Picture("month", lambda day: day.path("month")),
    Picture("reports", lambda day: day.path("reports")),
    Picture("reports-dark", lambda day: day.path("reports"), theme="dark"),
)
