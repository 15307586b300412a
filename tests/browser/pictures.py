"""The pictures of README and docs: each a page of a busy day, its size and theme, and what is done there first."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from playwright.sync_api import Page, ViewportSize

from tests.browser.clinic_day import ClinicDay
from tests.browser.sizes import DESK


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


PICTURES: Final = (
    Picture("reports", lambda day: day.path("reports")),
    Picture("reports-dark", lambda day: day.path("reports"), theme="dark"),
)
