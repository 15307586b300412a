"""Many messages to send, and a service that goes wrong."""

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db.models import F
from pytest_django import Settings

from mediconnect.resilience.breaker import BreakerOptions, breaker_of, permits, rules
from notifications.models import Message, MessageEvent
from notifications.services.sending import carrying
from tests.counterparts.post_office import PostOffice, post_office


def write_texts(count: int, *, kind: str = "account_code") -> list[Message]:
    """Write so many texts that are due, each to a number of its own and in words of its own."""
    written = Message.objects.bulk_create(
        [
            Message(
                kind=kind,
                channel="sms",
                urgent=True,
                recipient=f"+1{2120000000 + number}",
                recipient_index=f"{number:032x}",
                body=f"Your code is {number:08d}",
            )
            for number in range(count)
        ],
        batch_size=5_000,
    )
    MessageEvent.objects.bulk_create([MessageEvent(message=one, what="queued") for one in written], batch_size=5_000)
    return written


def let_pass(seconds: float) -> None:
    """Let so many seconds pass for whatever waits."""
    Message.objects.filter(state="waiting").update(due_at=F("due_at") - dt.timedelta(seconds=seconds))


class Plenty:
    """A retry budget that is never spent: how it is kept has tests of its own."""

    def spent_by_request(self) -> None:
        return

    def may_retry(self) -> bool:
        return True


@pytest.fixture
def many_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let retries not wait for their budget."""
    monkeypatch.setattr(carrying, "budget_of", lambda _channel: Plenty())


@pytest.fixture
def office(settings: Settings) -> Iterator[PostOffice]:
    """Text messages go to a service of the test's own."""
    with post_office() as office:
        for name, value in office.environment().items():
            setattr(settings, name, value)
        yield office


@pytest.fixture
def twilio_breaker(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], Any]:
    """Let the breaker of Twilio stay open for so many seconds, instead of thirty, and begin closed."""

    def _opens_for(seconds: float) -> Any:
        monkeypatch.setitem(rules.OPTIONS, "twilio", BreakerOptions(wait_duration_in_open_state=seconds))
        permits._breaker.cache_clear()
        breaker = breaker_of("twilio")
        breaker.reset("a test begins", None)
        return breaker

    return _opens_for


@pytest.fixture(autouse=True)
def _forget_breakers() -> Iterator[None]:
    yield
    permits._breaker.cache_clear()
