"""Pages that say what failed: in order on a desk and on a phone, in both languages, and nothing typed is lost on them."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from tests.browser.conftest import OpenPage
from tests.browser.sizes import DESK, PHONE
from tests.browser.watching import Watch

# What a page gets that was opened before its browser signed in anew.
_OLD_TOKEN = (
    """for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = "x".repeat(64)"""
)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(("locale", "words"), [("en-US", "There is nothing here"), ("es-MX", "Aquí no hay nada")])
def test_an_address_that_leads_nowhere_is_a_page_in_order(
    open_page: OpenPage,
    watch: Callable[[Page], Watch],
    axe: Callable[[Page], None],
    size: ViewportSize,
    locale: str,
    words: str,
) -> None:
    page = open_page(size, locale=locale)
    watch(page).expect("404 GET")
    page.goto("/no-such-page/")
    expect(page.get_by_role("heading", level=1)).to_have_text(words)
    axe(page)
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.locator("main a.button").click()
    expect(page).to_have_url(re.compile(r"^http://[^/]+/$"))


def test_an_old_form_is_kept_and_sent_again(
    open_page: OpenPage, watch: Callable[[Page], Watch], axe: Callable[[Page], None]
) -> None:
    page = open_page()
    watch(page).expect("403 POST")
    page.goto("/")
    page.evaluate(_OLD_TOKEN)
    page.get_by_role("button", name="Español").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This page was open for a long time")
    axe(page)
    page.get_by_role("button", name="Send again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("El día de la clínica, en una página")
