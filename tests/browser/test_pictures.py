"""Take the pictures of README and docs from the running house; `./dev pictures` keeps them in docs/pictures."""

import base64
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Browser, Page

from mediconnect.accounts.models import User
from mediconnect.development.pictures import TAKEN
from tests.browser.busy_day import busy_day
from tests.browser.conftest import OpenPage
from tests.browser.pictures import PICTURES, Picture

LARGEST: Final = 150_000  # bytes; the repository keeps every version of every picture
_SHRINK: Final = Path(__file__).parent / "shrink.js"


@pytest.fixture
def shrunk(chromium: Browser) -> Callable[[bytes], bytes]:
    """Return what makes a PNG of few colours from a PNG; the browser has all that it takes."""

    def shrink(picture: bytes) -> bytes:
        page = chromium.new_page()
        small: str = page.evaluate(_SHRINK.read_text(), base64.b64encode(picture).decode())
        page.close()
        return base64.b64decode(small)

    return shrink


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_page_is_fit_for_its_picture(
    open_page: OpenPage, signed_in: Callable[[Page, User], Page], shrunk: Callable[[bytes], bytes], picture: Picture
) -> None:
    day = busy_day()
    page = signed_in(open_page(picture.viewport, color_scheme=picture.theme), getattr(day, picture.by))
    page.goto(picture.path(day))
    picture.steps(page, day)
    page.evaluate("() => document.fonts.ready")
    small = shrunk(page.screenshot(animations="disabled", caret="hide"))
    TAKEN.mkdir(parents=True, exist_ok=True)
    (TAKEN / f"{picture.name}.png").write_bytes(small)
    assert len(small) < LARGEST
