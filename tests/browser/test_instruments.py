"""The instruments of this folder find what they are for: a control beside all the tests that find nothing."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from tests.browser import accessibility
from tests.browser.conftest import OpenPage
from tests.browser.watching import Watch

A_PAGE = "/accounts/sign-in/"


@pytest.mark.parametrize(
    ("deed", "problem"),
    [
        ("console.error('a broken thing')", "console: a broken thing"),
        ("setTimeout(() => { throw new Error('thrown') })", "script: thrown"),
        ("fetch('/nowhere/')", "404 GET"),
        (
            "document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">!</p>')",
            "content policy: style-src-attr",
        ),
        ("fetch('http://clinic.example/').catch(() => null)", "content policy: connect-src"),
    ],
)
def test_what_a_page_does_wrong_is_seen(page: Page, watch: Callable[[Page], Watch], deed: str, problem: str) -> None:
    page.goto(A_PAGE)
    watch(page).expect(problem)
    if "content policy" in problem:
        watch(page).expect("Content Security Policy")  # Chromium's own words, beside ours
    page.evaluate(f"() => {{ {deed} }}")
    page.wait_for_timeout(100)


def test_an_expectation_that_is_not_met_is_a_failure(page: Page) -> None:
    watch = Watch(page)
    page.goto(A_PAGE)
    watch.expect("409 POST")
    assert watch.failures() == ["expected, but it did not happen: 409 POST"]


def test_the_browser_reaches_no_other_machine(open_page: OpenPage, watch: Callable[[Page], Watch]) -> None:
    page = open_page(bypass_csp=True)
    page.goto(A_PAGE)
    watch(page).expect("net::ERR_NAME_NOT_RESOLVED GET http://clinic.example/")
    page.evaluate("() => fetch('http://clinic.example/').catch(() => null)")


def test_axe_finds_what_is_kept_from_people_in_each_theme(page: Page) -> None:
    page.goto(A_PAGE)
    page.evaluate("() => document.querySelector('main').append(new Image(20, 20))")
    found = accessibility.violations(page)
    assert [line.split(":")[0] for line in found if " image-alt " in line] == ["light", "dark"]
