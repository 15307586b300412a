"""A receiver of webhooks on this machine that keeps what it is told, and hooks that call it."""

import base64
import hashlib
import hmac
import json
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from notifications.models import Hook, HookStanding
from notifications.rules.hooks import new_secret
from providers.models import Clinic


@dataclass
class Heard:
    """One request: its headers and its body as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        """What repeats are told by."""
        return self.headers["webhook-id"]

    @property
    def said(self) -> dict[str, Any]:
        """The body, read."""
        read: dict[str, Any] = json.loads(self.body)
        return read


Verdict = int | tuple[int, dict[str, str], bytes]


@dataclass
class Receiver:
    """Answers as `verdict` says, and keeps everything it heard."""

    port: int = 0
    heard: list[Heard] = field(default_factory=list)
    verdict: Callable[[Heard], Verdict] = lambda _heard: 204

    def url(self, path: str = "/hooks") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def types(self) -> list[str]:
        return [one.said["type"] for one in self.heard]


def is_signed(heard: Heard, secret: str) -> bool:
    """Return whether one of the signatures is this secret's, as the standard says: written anew, not with our own code."""
    content = f"{heard.headers['webhook-id']}.{heard.headers['webhook-timestamp']}.".encode() + heard.body
    key = base64.b64decode(secret.split("_", 1)[1])
    wanted = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    recent = abs(time.time() - int(heard.headers["webhook-timestamp"])) < 300
    return recent and f"v1,{wanted}" in heard.headers["webhook-signature"].split(" ")


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver."""
    receiver = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            heard = Heard(self.path, headers, body)
            receiver.heard.append(heard)
            verdict = receiver.verdict(heard)
            status, more, answer = (verdict, {}, b"") if isinstance(verdict, int) else verdict
            self.send_response(status)
            for name, value in more.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_arguments: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    try:
        yield receiver
    finally:
        server.shutdown()
        server.server_close()


def hook_to(clinic: Clinic, url: str, **columns: Any) -> Hook:
    """Return a hook that hears of everything and is not paused."""
    words: dict[str, Any] = {
        "clinic": clinic,
        "name": f"Receiver {uuid.uuid4().hex[:6]}",
        "url": url,
        "host": "127.0.0.1",
        "secret": new_secret(),
        "events": ["booked", "moved", "cancelled", "arrived", "undone"],
    }
    hook: Hook = Hook.objects.create(**(words | columns))
    HookStanding.objects.create(hook=hook)
    return hook
