"""Each request has an id: the client's own if it is sane, else a new one; answers and log lines carry it."""

import json
import logging
import uuid

import pytest
from django.http import HttpRequest, HttpResponse

from mediconnect.telemetry.logs import json_formatter
from mediconnect.telemetry.middleware import RequestIdMiddleware
from mediconnect.telemetry.request_id import current_request_id, set_request_id


def _answered(offered: str | None) -> tuple[str, str]:
    """Return the id that the view saw and the id in the answer."""
    seen: list[str] = []

    def view(_request: HttpRequest) -> HttpResponse:
        seen.append(current_request_id())
        return HttpResponse()

    request = HttpRequest()
    if offered is not None:
        request.META["HTTP_X_REQUEST_ID"] = offered
    answer = RequestIdMiddleware(view)(request)
    return seen[0], answer.headers["X-Request-ID"]


@pytest.mark.parametrize("offered", ["12345678", "front-desk_7.retry", "a" * 64])
def test_a_sane_id_is_kept(offered: str) -> None:
    assert _answered(offered) == (offered, offered)


@pytest.mark.parametrize(
    "offered", [None, "", "short", "a" * 65, "line\nbreak-in-it", "<script>alert", "ünïcödé-id", "12345678\n"]
)
def test_anything_else_is_replaced_by_a_new_one(offered: str | None) -> None:
    seen, answered = _answered(offered)
    assert seen == answered
    assert uuid.UUID(answered).version == 4


def test_the_id_ends_with_its_request_even_when_that_fails() -> None:
    def view(_request: HttpRequest) -> HttpResponse:
        raise RuntimeError

    with pytest.raises(RuntimeError):
        RequestIdMiddleware(view)(HttpRequest())
    assert current_request_id() == ""


def test_a_log_line_is_json_and_carries_the_id() -> None:
    record = logging.LogRecord("clinic", logging.WARNING, __file__, 1, "the %s is full", ("waitlist",), None)
    set_request_id("request-1")
    try:
        line = json.loads(json_formatter().format(record))
    finally:
        set_request_id("")
    assert line.pop("timestamp")
    assert line == {"event": "the waitlist is full", "level": "warning", "logger": "clinic", "request_id": "request-1"}
