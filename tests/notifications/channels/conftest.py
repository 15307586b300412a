"""Letters to people who do not exist, keys that open nothing, and doors that note what went through."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pytest_django import Settings

from mediconnect.resilience.gateway import Answer, Gateway
from notifications.channels import Attachment, Letter

NUMBER = "+15005550142"
ADDRESS = "iris.marlowe@patients.test"
BODY = "Canary-body: your visit is on Monday. mediconnect.test/a/t0kencanary/ STOP to end"


class Leave:
    """A breaker that lets everything through and notes how calls ended."""

    def __init__(self) -> None:
        self.noted: list[str] = []

    def acquire(self) -> "Leave":
        return self

    def succeeded(self) -> None:
        self.noted.append("succeeded")

    def failed(self) -> None:
        self.noted.append("failed")

    def released(self) -> None:
        self.noted.append("released")


@dataclass
class Door(Gateway):
    """The gateway itself; it notes each request, and asks a described server for the answer that the test wants."""

    name: str
    prefer: str = ""
    breaker: Leave = field(default_factory=Leave)
    asked: list[dict[str, Any]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(self.name, breaker=self.breaker)

    def call(self, method: str, url: str, *, headers: Mapping[str, str] | None = None, **options: Any) -> Answer:
        self.asked.append({"method": method, "url": url, "headers": headers, **options})
        wish = {"Prefer": self.prefer} if self.prefer else {}
        return super().call(method, url, headers={**(headers or {}), **wish}, **options)


@pytest.fixture
def text() -> Letter:
    return Letter(
        message_id=uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8057"),
        recipient=NUMBER,
        subject="",
        body=BODY,
        html="",
        category="reminder",
        language="en",
        valid_seconds=7_200,
        request_id="request-12345678",
        attempt=2,
    )


@pytest.fixture
def letter() -> Letter:
    return Letter(
        message_id=uuid.UUID("01890a5d-ac96-774b-bcce-b302099a8058"),
        recipient=ADDRESS,
        subject="Your visit\r\nBcc: everybody@elsewhere.test",
        body=BODY,
        html=f"<p>{BODY}</p>",
        category="reminder",
        language="en",
        valid_seconds=7_200,
        attachments=(Attachment("visit.ics", "text/calendar; method=PUBLISH", b"BEGIN:VCALENDAR\r\n"),),
        unsubscribe_url="https://mediconnect.test/a/t0kencanary/stop/",
    )


@pytest.fixture
def keys(settings: Settings) -> Callable[[str], None]:
    """Return what gives both services keys and this address."""

    def give(url: str) -> None:
        settings.TWILIO_ACCOUNT_SID = "AC" + "0" * 32
        settings.TWILIO_AUTH_TOKEN = "t0ken-canary"
        settings.TWILIO_FROM = "+15005550006"
        settings.TWILIO_MESSAGING_SERVICE = ""
        settings.TWILIO_API_URL = url
        settings.SENDGRID_API_KEY = "SG.k3y-canary"
        settings.SENDGRID_FROM = "desk@clinic.test"
        settings.SENDGRID_API_URL = url
        settings.PUBLIC_URL = "https://mediconnect.test"

    give("")
    return give
