"""A service of text messages that speaks as Twilio does, remembers all that it took, and fails when told to."""

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final
from urllib.parse import parse_qs, urlsplit

ACCOUNT: Final = "AC" + "0" * 32


@dataclass
class Fate:
    """What becomes of one text: whether it is taken, what is answered, and how long that lasts."""

    taken: bool = True
    status: int = 201
    code: int = 20500
    seconds: float = 0.0
    answers: bool = True


@dataclass
class PostOffice:
    """`fate` decides about each text (its number, its words); `taken` are those that it has. `down`: all it says is 500."""

    fate: Callable[[str, str], Fate] = lambda _to, _body: Fate()
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: list[tuple[float, str]] = field(default_factory=list)
    looked_up: int = 0
    down: bool = False
    port: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def environment(self) -> dict[str, str]:
        """Return the variables with which our processes send here."""
        return {
            "TWILIO_ACCOUNT_SID": ACCOUNT,
            "TWILIO_AUTH_TOKEN": "token",
            "TWILIO_FROM": "+12025550100",
            "TWILIO_API_URL": self.url,
        }

    def times_taken(self) -> Counter[str]:
        """Return how often it has each text, by the words, which are every message's own."""
        with self._lock:
            return Counter(text["body"] for text in self.taken)

    def take(self, to: str, body: str) -> tuple[Fate, dict[str, Any]]:
        with self._lock:
            self.asked.append((time.monotonic(), body))
        fate = Fate(taken=False, status=500) if self.down else self.fate(to, body)
        text = {
            "sid": f"SM{uuid.uuid4().hex}", "to": to, "body": body, "status": "queued", "num_segments": "1",
            "date_created": formatdate(usegmt=False, localtime=False),
        }  # fmt: skip
        if fate.seconds:
            time.sleep(fate.seconds)
        if fate.taken:
            with self._lock:
                self.taken.append(text)
        return fate, text

    def listed(self, to: str) -> list[dict[str, Any]]:
        with self._lock:
            self.looked_up += 1
            return [text for text in reversed(self.taken) if text["to"] == to]


def _handler(office: PostOffice) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            fate, text = office.take(form["To"][0], form["Body"][0])
            if not fate.answers:
                self.close_connection = True
                self.connection.close()
                return
            self._answer(fate.status, text if fate.status < 300 else {"code": fate.code, "status": fate.status})

        def do_GET(self) -> None:
            to = parse_qs(urlsplit(self.path).query)["To"][0]
            if office.down:
                self._answer(500, {"code": 20500, "status": 500})
                return
            self._answer(200, {"messages": office.listed(to)[:50], "next_page_uri": None, "page": 0, "page_size": 50})

        def _answer(self, status: int, told: dict[str, Any]) -> None:
            content = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that the base class gave it
            return

    return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: clients that are killed hang up."""


@contextmanager
def post_office(fate: Callable[[str, str], Fate] | None = None) -> Iterator[PostOffice]:
    """Run one for the length of the block."""
    office = PostOffice()
    if fate is not None:
        office.fate = fate
    server = _Server(("127.0.0.1", 0), _handler(office))
    office.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield office
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
