"""Every page of the portal, as a browser shows it: open to all people, whole at each width, without a word on the console."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from mediconnect.accounts.models import User
from tests.browser.clinic_day import ClinicDay
from tests.browser.pages import PAGES
from tests.browser.sizes import PHONE, TABLET


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_open_to_all_people_and_whole_at_each_width(
    page: Page, clinic_day: ClinicDay, signed_in: Callable[[Page, User], Page], axe: Callable[[Page], None], name: str
) -> None:
    reader, arguments = PAGES[name]
    signed_in(page, getattr(clinic_day, reader)).goto(clinic_day.path(name, **arguments(clinic_day)))
    axe(page)
    for size in (TABLET, PHONE):
        page.set_viewport_size(size)
        overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert overhang <= 0, f"{name} runs off to the side by {overhang} pixels at {size['width']}"
    axe(page)
