"""What a page must not do unasked: write errors to the console, throw, lose requests, break the content policy."""

from playwright.sync_api import ConsoleMessage, Page, Request, Response

# Chromium reports the first blocked thing of each kind; the event tells of every one.
TELL_OF_BROKEN_POLICY = """
document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`content policy: ${event.effectiveDirective} refuses ${event.blockedURI} ${event.sample}`));
"""
# A refused answer (4xx, 5xx) or a lost request is told with its method and path instead, and not once more in the words
# of Chromium and htmx.
_TOLD_OTHERWISE = ("Failed to load resource", "Response Status Error Code", "htmx:sendError", "htmx:afterRequest")
# A page that is left gives up what it was loading: the polling of a live board, a search that was typed on.
_GIVEN_UP = "net::ERR_ABORTED"


class Watch:
    """The problems of one page so far. Each fails the test at its end, unless the test said that it expects it."""

    def __init__(self, page: Page) -> None:
        self.problems: list[str] = []
        self.expected: list[str] = []
        self._page = page
        page.add_init_script(TELL_OF_BROKEN_POLICY)
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.problems.append(f"script: {error}"))
        page.on("requestfailed", self._request_failed)
        page.on("response", self._response)

    def expect(self, words: str) -> None:
        """Expect at least one problem with these words, such as `409 POST`; it not happening is a failure as well."""
        self.expected.append(words)

    def failures(self) -> list[str]:
        """Return the problems that nobody expected and the expectations that were not met."""
        if not self._page.is_closed():
            self._page.evaluate("1")  # what the browser has told by now is heard
        unexpected = [found for found in self.problems if not any(words in found for words in self.expected)]
        missing = [words for words in self.expected if not any(words in found for found in self.problems)]
        return unexpected + [f"expected, but it did not happen: {words}" for words in missing]

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"} and not message.text.startswith(_TOLD_OTHERWISE):
            self.problems.append(f"console: {message.text}")

    def _request_failed(self, request: Request) -> None:
        if request.failure != _GIVEN_UP:
            self.problems.append(f"{request.failure} {request.method} {request.url}")

    def _response(self, response: Response) -> None:
        if response.status >= 400:
            self.problems.append(f"{response.status} {response.request.method} {response.url}")
