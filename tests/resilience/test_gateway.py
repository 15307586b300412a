"""The door to services outside: every fault ends in time and by its name, and nobody learns from it about anybody."""

import asyncio
import json
import os
import ssl
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult
from django.db import connection, transaction
from structlog.testing import capture_logs

from mediconnect.resilience.breaker import NotPermitted, breaker_of
from mediconnect.resilience.gateway import Answer, Gateway, Limits
from mediconnect.resilience.gateway.door import HoldsTransaction
from mediconnect.resilience.gateway.switchboard import Switchboard, trusted_authorities
from mediconnect.resilience.outside import Garbled, OutsideError, Refused, Throttled, TimedOut, Unavailable
from mediconnect.telemetry import counting
from mediconnect.telemetry.request_id import set_request_id
from tests.counterparts import certificates, faults
from tests.counterparts.faults import answering, black_hole, going_wrong

CANARY = "canary-555-0142"
SHORT = Limits(connect=0.4, read=0.4, total=0.9)
PATIENT = Limits(connect=5, read=5, total=5)
GRACE = 0.5


class Ended:
    """A breaker that lets everything through and notes how calls ended."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def acquire(self) -> "Ended":
        return self

    def succeeded(self) -> None:
        self.noted.append("succeeded")

    def failed(self) -> None:
        self.noted.append("failed")

    def released(self) -> None:
        self.noted.append("released")


class StalledNames(AbstractResolver):
    """A name server that does not answer."""

    async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
        await asyncio.sleep(30)
        return []

    async def close(self) -> None:
        pass


@pytest.fixture
def breaker() -> Ended:
    return Ended()


@pytest.fixture
def door(breaker: Ended) -> Gateway:
    return Gateway("test", breaker=breaker)


@pytest.fixture
def stalled() -> Iterator[Switchboard]:
    board = Switchboard(resolver=StalledNames())
    yield board
    board.close()


def post(door: Gateway, url: str, *, limits: Limits = PATIENT, **options: Any) -> Answer:
    """Send what nobody may see."""
    return door.call(
        "POST",
        f"{url}/{CANARY}?to={CANARY}",
        route="Messages",
        headers={"X-Secret": CANARY},
        body=CANARY.encode(),
        auth=("us", CANARY),
        limits=limits,
        **options,
    )


def failure(door: Gateway, url: str, **options: Any) -> OutsideError:
    """Return what the call ended in, once it was in time, was told to the breaker, and told nobody anything."""
    began = time.monotonic()
    with capture_logs() as lines, pytest.raises(OutsideError) as caught:
        post(door, url, limits=SHORT, **options)
    assert time.monotonic() - began <= SHORT.total + GRACE
    error = caught.value
    assert CANARY not in f"{error!s}{error!r}{error.code}{lines}"
    assert error.__cause__ is None
    assert error.__context__ is None or not error.__context__.args
    (line,) = lines
    assert (line["service"], line["route"], line["code"]) == ("test", "Messages", error.code)
    return error


SILENT = (faults.silent, "timeout-read", True)
FAULTS = {
    "accepts and is silent": SILENT,
    "drips headers": (faults.drip_headers, "timeout-total", True),
    "drips the body": (faults.drip_body, "timeout-total", True),
    "hangs up": (faults.hang_up, "connection-lost", True),
    "resets": (faults.reset, "connection-lost", True),
    "speaks something else": (faults.no_http, "not-http", True),
    "sends a gigabyte": (faults.endless_body, "too-long", True),
    "announces a gigabyte": (faults.announced_gigabyte, "too-long", True),
    "is cut short": (faults.cut_short, "cut-short", True),
    "sends a packed body": (answering(200, b"\x1f\x8b", Content_Encoding="gzip"), "packed", True),
    "sends elsewhere": (answering(302, b"", Location="https://elsewhere.test/"), "http-302", True),
    "is broken": (answering(500, CANARY.encode()), "http-500", True),
    "is busy": (answering(429, CANARY.encode()), "http-429", False),
}


@pytest.mark.parametrize(("behaviour", "code", "ambiguous"), FAULTS.values(), ids=FAULTS)
def test_a_fault_ends_in_time_by_its_name_and_the_thread_works_on(
    door: Gateway, breaker: Ended, behaviour: faults.Behaviour, code: str, ambiguous: bool
) -> None:
    with going_wrong(behaviour) as server, going_wrong(answering(200)) as well:
        error = failure(door, server.url())
        assert (error.code, error.ambiguous) == (code, ambiguous)
        assert server.calls == 1  # nothing is tried again here
        assert post(door, well.url()).status == 200
    assert breaker.noted == ["failed", "succeeded"]


def test_nobody_listens(door: Gateway, breaker: Ended) -> None:
    with going_wrong(faults.silent) as server:
        url = server.url()
    error = failure(door, url)
    assert isinstance(error, Unavailable)
    assert (error.code, error.ambiguous, breaker.noted) == ("no-connection", False, ["failed"])


def test_a_black_hole_is_left_after_the_connect_limit(door: Gateway) -> None:
    before = counting.external_timeouts.labels("test", "connect")._value.get()
    with black_hole() as port:
        error = failure(door, f"http://127.0.0.1:{port}")
    assert isinstance(error, TimedOut)
    assert (error.phase, error.sent, error.ambiguous) == ("connect", False, False)
    assert counting.external_timeouts.labels("test", "connect")._value.get() == before + 1


def test_a_handshake_that_stalls_is_the_phase_of_tls(door: Gateway) -> None:
    with going_wrong(faults.silent) as server:
        error = failure(door, server.url(scheme="https"))
    assert isinstance(error, TimedOut)
    assert (error.phase, error.sent, error.ambiguous) == ("tls", False, False)


def test_a_name_server_that_stalls_ends_with_the_whole(breaker: Ended, stalled: Switchboard) -> None:
    error = failure(Gateway("test", breaker=breaker, board=stalled), "http://service.test")
    assert isinstance(error, TimedOut)
    assert (error.phase, error.sent, breaker.noted) == ("dns", False, ["failed"])


def test_a_name_that_is_none_is_unavailable(door: Gateway) -> None:
    class NoNames(StalledNames):
        async def resolve(self, host: str, port: int = 0, family: Any = 0) -> list[ResolveResult]:
            raise OSError(CANARY)

    board = Switchboard(resolver=NoNames())
    error = failure(Gateway("test", breaker=Ended(), board=board), "http://service.test")
    board.close()
    assert (type(error), error.code, error.ambiguous) == (Unavailable, "dns", False)


def test_silence_after_a_read_is_not_in_doubt_when_nothing_was_to_change(door: Gateway) -> None:
    with going_wrong(faults.silent) as server, pytest.raises(TimedOut) as caught:
        door.call("GET", server.url(), route="list", limits=SHORT)
    assert (caught.value.sent, caught.value.ambiguous) == (True, False)


def test_a_page_with_200_is_no_answer_where_data_was_due(door: Gateway, breaker: Ended) -> None:
    page = b"<html>502 Bad gateway</html>"
    with going_wrong(answering(200, page)) as server:
        error = failure(door, server.url(), sound=lambda answer: json.loads(answer.body))
    assert (type(error), error.code, error.ambiguous, breaker.noted) == (Garbled, "not-the-answer", True, ["failed"])


@pytest.mark.parametrize(
    ("told", "seconds"),
    [
        ("2", 2),
        ("86400", 300),
        ("-5", None),
        ("soon", None),
        ("", None),
        ("9" * 4_000, 300),
        ("Mon, 99 Foo 2026 25:00:00 GMT", None),
    ],
)
def test_retry_after_is_honoured_within_five_minutes(door: Gateway, told: str, seconds: float | None) -> None:
    with going_wrong(answering(429, Retry_After=told)) as server:
        error = failure(door, server.url())
    assert (type(error), error.retry_after) == (Throttled, seconds)


def test_retry_after_as_a_date_goes_by_the_service_s_clock(door: Gateway) -> None:
    now = datetime(2031, 3, 30, 1, 59, tzinfo=UTC)
    dates = {"Date": format_datetime(now, usegmt=True)}
    dates["Retry_After"] = format_datetime(now + timedelta(seconds=90), usegmt=True)
    with going_wrong(answering(503, b"", **dates)) as server:
        error = failure(door, server.url())
    assert (type(error), error.retry_after) == (Unavailable, 90)


def test_a_refusal_is_no_sickness_and_is_read_by_the_caller_alone(door: Gateway, breaker: Ended) -> None:
    with going_wrong(answering(404, CANARY.encode())) as server:
        error = failure(door, server.url())
    assert isinstance(error, Refused)
    assert (error.status, error.body, error.ambiguous, breaker.noted) == (404, CANARY.encode(), False, ["succeeded"])


def test_an_answer_comes_as_it_was_sent(door: Gateway) -> None:
    heard: list[bytes] = []

    def listen(sock: Any) -> None:
        heard.append(faults.read_request(sock))
        sock.sendall(b'HTTP/1.1 201 Made\r\nContent-Length: 8\r\nX-Message-Id: 7\r\n\r\n{"a": 1}')

    set_request_id("request-12345678")
    try:
        with going_wrong(listen) as server, capture_logs() as lines:
            answer = door.call("post", f"{server.url()}/a%20b?q=%2B1", route="r", body=b"x", traceparent="00-a-b-01")
    finally:
        set_request_id("")
    assert (answer.status, answer.body, answer.headers["x-message-id"]) == (201, b'{"a": 1}', "7")
    head = heard[0].lower()
    assert head.startswith(b"post /a%20b?q=%2b1 http/1.1\r\n")
    assert b"\r\nx-request-id: request-12345678\r\n" in head
    assert b"\r\ntraceparent: 00-a-b-01\r\n" in head
    assert b"\r\naccept-encoding: identity\r\n" in head
    assert (lines[0]["outcome"], lines[0]["status"]) == ("succeeded", 201)


def test_no_proxy_is_used_that_nobody_told_us_of(door: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    with going_wrong(answering(200)) as server:
        assert post(door, server.url()).status == 200


def test_cookies_are_not_kept(door: Gateway) -> None:
    heard: list[bytes] = []

    def listen(sock: Any) -> None:
        while request := faults.read_request(sock):
            heard.append(request)
            sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nSet-Cookie: a=1; Path=/\r\n\r\n")

    with going_wrong(listen) as server:
        post(door, server.url())
        post(door, server.url())
    assert b"cookie" not in heard[1].lower()


def test_a_certificate_that_nobody_vouches_for_is_refused(door: Gateway, breaker: Ended, tmp_path: Path) -> None:
    with going_wrong(answering(200), tls=certificates.server_of(tmp_path, "localhost")) as server:
        error = failure(door, server.url("localhost"))
    assert (type(error), error.code, error.ambiguous, breaker.noted) == (Unavailable, "tls", False, ["failed"])


def test_the_authorities_of_the_environment_are_believed_for_the_names_they_vouch_for(
    breaker: Ended, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tls = certificates.server_of(tmp_path, "localhost")
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
    board = Switchboard(tls=trusted_authorities())
    door = Gateway("test", breaker=breaker, board=board)
    try:
        with going_wrong(answering(200), tls=tls) as server:
            assert post(door, server.url("localhost")).status == 200
            assert failure(door, server.url("127.0.0.1")).code == "tls"
    finally:
        board.close()


def test_what_is_trusted_is_what_python_trusts_by_default() -> None:
    ours, default = trusted_authorities(), ssl.create_default_context()
    assert (ours.verify_mode, ours.check_hostname) == (default.verify_mode, default.check_hostname)
    assert ours.minimum_version == default.minimum_version
    assert ours.cert_store_stats() == default.cert_store_stats()


@pytest.mark.parametrize("url", ["", "ftp://service.test/", "file:///etc/passwd", "service.test", "http://"])
def test_what_is_no_address_is_the_programmer_s_error(door: Gateway, breaker: Ended, url: str) -> None:
    with pytest.raises(ValueError, match="no address"):
        door.call("GET", url, route="r")
    assert breaker.noted == []


def test_an_interrupted_caller_gives_its_permit_back(door: Gateway, breaker: Ended) -> None:
    def interrupted(answer: Answer) -> None:
        raise KeyError

    with going_wrong(answering(200)) as server, pytest.raises(KeyError):
        post(door, server.url(), sound=interrupted)
    assert breaker.noted == ["released"]


def test_a_caller_leaves_when_the_thread_of_connections_hangs(breaker: Ended) -> None:
    board = Switchboard()
    let_go = threading.Event()
    board._loop.call_soon_threadsafe(let_go.wait, 5)
    error = failure(Gateway("test", breaker=breaker, board=board), "http://127.0.0.1:9")
    let_go.set()
    board.close()
    assert (error.code, error.ambiguous) == ("timeout-total", False)


def test_ten_threads_call_at_once_and_a_hung_service_keeps_no_other_from_its_answer(door: Gateway) -> None:
    with going_wrong(faults.silent) as hung, going_wrong(answering(200)) as well, ThreadPoolExecutor(10) as senders:
        waiting = [senders.submit(post, door, hung.url(), limits=SHORT) for _ in range(5)]
        answers = [senders.submit(post, door, well.url()) for _ in range(50)]
        assert {answer.result().status for answer in answers} == {200}
        assert {str(one.exception()) for one in waiting} == {"timeout-read"}


@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_library_below_repeats_a_call_on_a_connection_that_went(door: Gateway, method: str) -> None:
    heard: list[bytes] = []

    def answer_once(sock: Any) -> None:
        heard.append(faults.read_request(sock))
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        heard.append(faults.read_request(sock))

    with going_wrong(answer_once) as server:
        door.call(method, server.url(), route="first")
        with pytest.raises(Unavailable) as caught:
            door.call(method, server.url(), route="second", body=b"x")
    assert (len(heard), server.calls) == (2, 1)
    assert (caught.value.code, caught.value.ambiguous) == ("connection-lost", method == "PUT")


@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # forking beside threads is what is tried here
def test_a_fork_has_connections_of_its_own(door: Gateway) -> None:
    with going_wrong(answering(200)) as server:
        post(door, server.url())
        child = os.fork()
        if child == 0:
            os._exit(0 if post(door, server.url()).status == 200 else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert post(door, server.url()).status == 200
        assert server.calls == 2  # the parent's own connection still stood


def test_the_fleet_s_breaker_opens_after_five_and_refusals_do_not_count(dependency: str) -> None:
    door = Gateway(dependency)
    with going_wrong(answering(500)) as server, going_wrong(answering(400)) as refusing:
        for _ in range(4):
            with pytest.raises(Unavailable):
                post(door, server.url())
        with pytest.raises(Refused):
            post(door, refusing.url())
        for _ in range(5):
            with pytest.raises(Unavailable):
                post(door, server.url())
        with pytest.raises(NotPermitted):
            post(door, server.url())
        assert server.calls <= 9
    assert breaker_of(dependency).state().state == "open"


@pytest.mark.django_db(transaction=True)
def test_no_call_inside_a_transaction(door: Gateway, breaker: Ended) -> None:
    with transaction.atomic(), pytest.raises(HoldsTransaction):
        post(door, "http://127.0.0.1:9")
    assert breaker.noted == []


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_it_waits(door: Gateway) -> None:
    held: list[int] = []
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (mine,) = cursor.fetchone()
    settings = connection.get_connection_params()
    where = {name: settings[name] for name in ("host", "port", "user", "password", "dbname") if name in settings}

    def look(sock: Any) -> None:
        faults.read_request(sock)
        time.sleep(0.1)  # a backend takes a moment to go
        with psycopg.connect(**where) as other:
            row = other.execute("SELECT count(*) FROM pg_stat_activity WHERE pid = %s", [mine]).fetchone()
            held.append(row[0] if row else -1)
        sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    with going_wrong(look) as server:
        post(door, server.url(), limits=Limits(total=5))
    assert held == [0]


def test_a_switchboard_left_to_the_parent_is_closed_without_a_word(recwarn: pytest.WarningsRecorder) -> None:
    board = Switchboard()
    board.leave_to_parent()
    assert board.session.closed
    board.close()
    assert not list(recwarn)
