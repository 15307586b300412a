"""A service that takes messages and tells nothing of them is noticed."""

import datetime as dt

import pytest
from django.utils import timezone

from notifications.models import Message, State
from notifications.services.listening import LEAST, check_callbacks, silent_services
from tests.factories import AppointmentFactory, MessageFactory

pytestmark = pytest.mark.django_db


def handed_over(count: int, *, via: str = "twilio", state: str = State.SENT, hours: float = 5) -> None:
    """Write so many messages that a service took that long ago, each about a step of its own."""
    visit, at = AppointmentFactory.create(), timezone.now() - dt.timedelta(hours=hours)
    for lead in range(count):
        MessageFactory.create(
            visit=visit, kind=Message.Kind.REMINDER, lead_minutes=lead, via=via, state=state, sent_at=at, created_at=at,
            reason="undeliverable" if state == State.UNDELIVERED else "",
        )  # fmt: skip


def test_nothing_heard_of_a_days_messages_is_silence() -> None:
    handed_over(LEAST)
    assert check_callbacks() == ["twilio"]
    assert silent_services() == ["twilio"]


@pytest.mark.parametrize("state", [State.DELIVERED, State.UNDELIVERED])
def test_one_word_breaks_the_silence(state: str) -> None:
    handed_over(LEAST)
    check_callbacks()
    handed_over(1, state=state)
    assert check_callbacks() == []
    assert silent_services() == []


def test_each_service_speaks_for_itself() -> None:
    handed_over(LEAST, via="sendgrid")
    handed_over(1, state=State.DELIVERED)
    assert check_callbacks() == ["sendgrid"]


@pytest.mark.parametrize(
    ("count", "via", "hours"), [(LEAST - 1, "twilio", 5), (LEAST, "sandbox", 5), (LEAST, "twilio", 0.5)]
)
def test_few_messages_new_ones_and_those_of_the_sandbox_say_nothing(count: int, via: str, hours: float) -> None:
    handed_over(count, via=via, hours=hours)
    assert check_callbacks() == []
