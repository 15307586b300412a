"""Take the pictures of README and docs from the running house; `./dev pictures` keeps them in docs/pictures."""

from collections.abc import Callable
from typing import Final

import pytest
from playwright.sync_api import Page

from mediconnect.accounts.models import User
from mediconnect.development.pictures import TAKEN
from tests.browser.busy_day import busy_day
from tests.browser.conftest import OpenPage
from tests.browser.pictures import PICTURES, Picture

LARGEST: Final = 150_000  # bytes; the repository keeps every version of every picture


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_the_page_is_fit_for_its_picture(
    open_page: OpenPage, signed_in: Callable[[Page, User], Page], picture: Picture
) -> None:
    day = busy_day()
    page = signed_in(open_page(picture.viewport, color_scheme=picture.theme), getattr(day, picture.by))
    page.goto(picture.path(day))
    picture.steps(page, day)
    page.evaluate("() => document.fonts.ready")
    taken = TAKEN / f"{picture.name}.png"
    page.screenshot(path=taken, animations="disabled", caret="hide")
    assert taken.stat().st_size < LARGEST
