"""Take the pictures of README and docs from the running house; `./dev pictures` keeps them in docs/pictures."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Final

from playwright.sync_api import Browser, Page

from mediconnect.accounts.models import User
from mediconnect.development.pictures import TAKEN
from tests.browser.busy_day import busy_day
from tests.browser.conftest import OpenPage
from tests.browser.pictures import PICTURES

LARGEST: Final = 150_000  # bytes; the repository keeps every version of every picture
_SHRINK: Final = Path(__file__).parent / "shrink.js"


def _of_few_colours(chromium: Browser, picture: bytes) -> bytes:
    """Return the PNG with a palette; the browser has all that it takes to make it."""
    page = chromium.new_page()
    small: str = page.evaluate(_SHRINK.read_text(), base64.b64encode(picture).decode())
    page.close()
    return base64.b64decode(small)


def test_every_page_is_fit_for_its_picture(
    open_page: OpenPage, signed_in: Callable[[Page, User], Page], chromium: Browser
) -> None:
    day = busy_day()  # one for all, which costs seconds: what is done before a picture books nothing
    TAKEN.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        page = signed_in(open_page(picture.viewport, color_scheme=picture.theme), getattr(day, picture.by))
        page.goto(picture.path(day))
        picture.steps(page, day)
        page.evaluate("() => document.fonts.ready")
        small = _of_few_colours(chromium, page.screenshot(animations="disabled", caret="hide"))
        (TAKEN / f"{picture.name}.png").write_bytes(small)
        assert len(small) < LARGEST, picture.name
        page.goto("about:blank")  # a board that nobody looks at polls no more
