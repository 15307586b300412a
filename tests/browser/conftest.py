"""Real browsers in front of the running house: a page that is watched, people signed in, a clinic in mid-day."""

import re
from collections.abc import Callable, Generator, Iterator
from typing import Any, Final

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright
from playwright.sync_api import Error as BrowserError
from pytest_django.live_server_helper import LiveServer

from mediconnect.accounts.models import User
from mediconnect.development.chromium import FLAGS, HOW_TO_GET_IT, executable
from mediconnect.development.stack import DATA
from tests.browser import accessibility, people
from tests.browser.clinic_day import ClinicDay
from tests.browser.clinic_day import clinic_day as make_clinic_day
from tests.browser.serving import Traffic, serving
from tests.browser.sizes import DESK
from tests.browser.watching import Watch

_PATIENCE_MS: Final = 5_000  # for a button to be there, for words to appear
# No clinic of the tests is in this zone: a time that the browser's own clock got into is off by a quarter at least.
_ZONE: Final = "Asia/Kathmandu"
_UNSUITABLE: Final = re.compile(r"[^\w-]+")  # in the name of a file
_PICTURES: Final = DATA / "test" / "browser"

OpenPage = Callable[..., Page]
_WATCHES: Final = pytest.StashKey[dict[Page, Watch]]()


@pytest.fixture(scope="package", autouse=True)
def _orm_beside_the_browser() -> Iterator[None]:
    """Let tests ask the database while the browser's event loop waits in the same thread; nothing runs in that loop.

    For this folder alone, like the browser: the loop ends with it.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        yield


@pytest.fixture(scope="package")
def chromium(_orm_beside_the_browser: None) -> Iterator[Browser]:
    """The browser; each test has its own profiles in it. Its absence is a failure here: see tests/browsers.py."""
    path = executable()
    if path is None:
        pytest.fail(f"There is no Chromium on this machine. {HOW_TO_GET_IT}")
    expect.set_options(timeout=_PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def _served() -> Iterator[tuple[LiveServer, Traffic]]:
    with serving() as served:
        yield served


@pytest.fixture(scope="package")
def live_server(_served: tuple[LiveServer, Traffic]) -> LiveServer:
    """The running house: `live_server.url`. Pages have it as their base, so that `page.goto("/…")` is enough."""
    return _served[0]


@pytest.fixture
def open_page(
    request: pytest.FixtureRequest,
    chromium: Browser,
    _served: tuple[LiveServer, Traffic],
    live_server: LiveServer,
    transactional_db: None,
) -> Iterator[OpenPage]:
    """Open a page in a browser profile of its own: `open_page(PHONE)`, `open_page(java_script_enabled=False)`.

    Each is watched: what its watch found and nobody expected fails the test at its end.
    """
    watches = request.node.stash.setdefault(_WATCHES, {})

    def open_one(viewport: ViewportSize = DESK, **options: Any) -> Page:
        habits = {"reduced_motion": "reduce", "timezone_id": _ZONE, "locale": "en-US"}
        context = chromium.new_context(base_url=live_server.url, viewport=viewport, **habits | options)
        context.set_default_timeout(_PATIENCE_MS)
        page = context.new_page()
        watches[page] = Watch(page)
        return page

    yield open_one
    failures = [line for watch in watches.values() for line in watch.failures()]
    for page in watches:
        page.context.close()
    _served[1].await_silence()
    if failures:
        pytest.fail("\n".join(["The page was not in order:", *failures]), pytrace=False)


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """A watched page of a desk's width, with nobody signed in."""
    return open_page()


@pytest.fixture
def watch(request: pytest.FixtureRequest) -> Callable[[Page], Watch]:
    """Return a page's watch: `watch(page).expect("409 POST")` announces what the test brings about on purpose."""
    return lambda page: request.node.stash[_WATCHES][page]


@pytest.fixture
def signed_in(live_server: LiveServer) -> Callable[[Page, User], Page]:
    """Sign a user in on a page's browser without the form and return the page, which stays where it is."""

    def sign_in(page: Page, user: User) -> Page:
        people.sign_in_by_cookie(page, user, live_server.url)
        return page

    return sign_in


@pytest.fixture
def axe() -> Callable[[Page], None]:
    """Fail with what axe finds on the page as it stands, in the light and in the dark theme."""

    def judge(page: Page) -> None:
        found = accessibility.violations(page)
        if found:
            pytest.fail("\n".join([f"axe on {page.url}:", *found]), pytrace=False)

    return judge


@pytest.fixture
def clinic_day(transactional_db: None) -> ClinicDay:
    """A clinic in the middle of its day, committed."""
    return make_clinic_day()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Keep a picture and the source of each page of a test that failed, and say where they are."""
    report = yield
    if report.when == "call" and report.failed:
        watches: dict[Page, Watch] = item.stash.get(_WATCHES, {})
        for number, page in enumerate(watches):
            path = _PICTURES / f"{_UNSUITABLE.sub('-', item.name)}-{number}.png"
            try:
                page.screenshot(path=path, full_page=True)
                path.with_suffix(".html").write_text(page.content())
            except BrowserError as problem:
                report.sections.append(("page", f"{page.url}: {problem}"))
            else:
                report.sections.append(("page", f"{page.url}: {path}"))
    return report
