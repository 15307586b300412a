"""The token of a link opens somebody's visit: no log line holds one."""

import json
import logging

import pytest

from mediconnect.telemetry.logs import WithoutLinks, json_formatter, without_links

TOKEN = "Zq3_x-9aBcDeFgHiJkLmNo"


@pytest.mark.parametrize("around", ["/a/{}/", "https://clinic.example/a/{}/1/cancel/", "GET /a/{} HTTP/1.1", '"/a/{}"'])
def test_a_link_loses_its_token(around: str) -> None:
    assert TOKEN not in without_links(around.format(TOKEN))
    assert "/a/…" in without_links(around.format(TOKEN))


@pytest.mark.parametrize("door", ["calendar", "screen"])
def test_other_secret_addresses_lose_theirs(door: str) -> None:
    assert TOKEN not in without_links(f"GET /{door}/{TOKEN}.ics HTTP/1.1")


def test_other_addresses_stay_as_they_are() -> None:
    for text in ("/accounts/sign-in/", "/api/v1/appointments/", "data/x", "a/b test"):
        assert without_links(text) == text


def _line(record: logging.LogRecord) -> dict[str, str]:
    found: dict[str, str] = json.loads(json_formatter().format(record))
    return found


def test_a_failure_is_told_without_the_link_that_led_to_it() -> None:
    path = f"/a/{TOKEN}/"
    error = LookupError(path)
    raised = (LookupError, error, None)
    record = logging.LogRecord("django.request", logging.ERROR, __file__, 1, "Broken: %s", (path,), raised)
    line = _line(record)
    assert line["event"] == "Broken: /a/…/"
    assert "LookupError" in line["exception"]
    assert TOKEN not in json.dumps(line)


def test_the_server_itself_leaves_it_out_as_well() -> None:
    record = logging.LogRecord(
        "gunicorn.error", logging.ERROR, __file__, 1, "Error handling %s", (f"/a/{TOKEN}/",), None
    )
    assert WithoutLinks().filter(record)
    assert record.getMessage() == "Error handling /a/…/"
