"""A service that the tests play: it takes, refuses, or answers nothing, and remembers every letter."""

import datetime as dt
import threading
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from mediconnect.resilience.breaker import breaker_of
from notifications.channels.port import Accepted, Letter, Unknowable
from notifications.models import Message, MessageEvent
from notifications.services.sending import allowing, carrying, recording, turning

Answer = Callable[[Letter], Accepted]


def accept(letter: Letter) -> Accepted:
    return Accepted(f"SM{letter.message_id.hex}", "queued", 1)


@dataclass
class Service:
    """`answer` says what becomes of a letter, `knows` what a look-up finds; `letters` are all that ever came."""

    name: str
    answer: Answer = accept
    knows: Callable[[Letter], Accepted | Unknowable | None] = lambda _letter: None
    letters: list[Letter] = field(default_factory=list)
    looked_up: list[uuid.UUID] = field(default_factory=list)

    def send(self, letter: Letter) -> Accepted:
        self.letters.append(letter)
        return self.answer(letter)

    def look_up(self, letter: Letter, *, since: dt.datetime) -> Accepted | Unknowable | None:
        self.looked_up.append(letter.message_id)
        return self.knows(letter)

    def raises(self, error: BaseException | None, *, times: int = 1_000_000) -> None:
        """Fail so many times with the error, then accept."""
        left = [times]
        lock = threading.Lock()

        def answer(letter: Letter) -> Accepted:
            with lock:
                left[0] -= 1
                if left[0] >= 0 and error is not None:
                    raise error
            return accept(letter)

        self.answer = answer


class Plenty:
    """A retry budget that is never spent."""

    def spent_by_request(self) -> None:
        return

    def may_retry(self) -> bool:
        return True


@dataclass
class Services:
    """The two services, and what stands in for the clock: rows are made due."""

    sms: Service
    email: Service

    def send(self, *, turns: int = 1) -> int:
        """Send what is due now, so many times over."""
        return sum(turning.send_due(stay=False, senders=4) for _ in range(turns))

    def later(self, seconds: float = 10_000) -> None:
        """Let so many seconds pass for whatever waits."""
        for message in Message.objects.filter(state="waiting"):
            Message.objects.filter(pk=message.pk).update(due_at=message.due_at - dt.timedelta(seconds=seconds))


@pytest.fixture
def services(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Services:
    """Two services of the test's own, with breakers and limits of their own that are closed and full."""
    settings.SENDS_PER_SECOND = {"sms": 10_000, "email": 10_000}
    mark = uuid.uuid4().hex[:4]
    both = Services(Service(f"sms-{mark}"), Service(f"mail-{mark}"))

    def channel_for(channel: str) -> Service:
        return both.sms if channel == "sms" else both.email

    for module in (allowing, carrying, recording):
        monkeypatch.setattr(module, "channel_for", channel_for)
    monkeypatch.setattr(carrying, "budget_of", lambda _channel: Plenty())
    return both


@pytest.fixture
def sms(services: Services) -> Service:
    return services.sms


def lives(message: Message) -> list[str]:
    """Return the lines of a message's life as `what detail`."""
    return [f"{line.what} {line.detail}".strip() for line in MessageEvent.objects.filter(message=message)]


def closed(service: Service) -> None:
    """Hold a service's breaker closed, whatever fails."""
    breaker_of(service.name).force_closed("a test", None)
