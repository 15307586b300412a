"""A service that is down for ten minutes costs no message; one that always fails costs a fixed number of requests."""

import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from notifications.models import Message
from notifications.services.sending import send_due
from tests.counterparts.post_office import Fate, PostOffice
from tests.counts import rounds

from .conftest import let_pass, write_texts

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

OPEN_FOR = 0.3


@pytest.mark.usefixtures("many_retries")
def test_ten_minutes_without_the_service_lose_and_double_nothing(
    office: PostOffice, twilio_breaker: Callable[[float], Any], settings: Settings
) -> None:
    rate = 60
    settings.SENDS_PER_SECOND = {"sms": rate, "email": rate}
    messages = write_texts(rounds(quick=250, full=1_000))
    twilio_breaker(OPEN_FOR)
    office.down = True
    for _ in range(20):  # ten minutes, in periods of the half minute that a breaker is open for
        send_due(stay=False)
        let_pass(30)
        time.sleep(OPEN_FOR)
    asked = len(office.asked)
    assert not Message.objects.exclude(state__in=["queued", "waiting"]).exists()
    # Five open it; then two of a period, or a few that were under way.
    assert asked <= 5 + 10 + 20 * 4

    office.down = False
    office.asked.clear()
    until = time.monotonic() + 60
    while Message.objects.filter(state__in=["queued", "waiting", "sending"]).exists() and time.monotonic() < until:
        let_pass(30)
        send_due(seconds=5)
    assert Counter(Message.objects.values_list("state", "reason")) == {("sent", ""): len(messages)}
    assert set(office.times_taken().values()) == {1}
    assert len(office.times_taken()) == len(messages)

    began = min(at for at, _ in office.asked)
    first_second = sum(at < began + 1 for at, _ in office.asked)
    steady = (len(office.asked) - first_second) / max(office.asked[-1][0] - began - 1, 0.1)
    assert first_second <= 2 * max(steady, rate)


@pytest.mark.usefixtures("many_retries")
@pytest.mark.parametrize("knows", [True, False], ids=["look-ups-answer", "look-ups-fail-too"])
def test_a_service_that_always_fails_is_asked_four_times(
    office: PostOffice, twilio_breaker: Callable[[float], Any], knows: bool
) -> None:
    twilio_breaker(1).force_closed("a test", None)
    (message,) = write_texts(1)
    office.fate = lambda _to, _body: Fate(taken=False, status=500)
    office.down = not knows
    for _ in range(12):
        send_due(stay=False)
        let_pass(400)
    dead = Message.objects.get(pk=message.pk)
    assert (dead.state, dead.reason, dead.attempts) == ("dead", "attempts_used_up", 4)
    assert len(office.asked) == 4
    assert dead.ambiguities == (0 if knows else 3)


def test_a_number_that_opted_out_costs_one_request(office: PostOffice, twilio_breaker: Callable[[float], Any]) -> None:
    twilio_breaker(1)
    (message,) = write_texts(1)
    office.fate = lambda _to, _body: Fate(taken=False, status=400, code=21610)
    for _ in range(3):
        send_due(stay=False)
        let_pass(400)
    assert len(office.asked) == 1
    assert Message.objects.get(pk=message.pk).reason == "opted_out"


def test_a_text_that_was_taken_without_an_answer_is_found_again(
    office: PostOffice, twilio_breaker: Callable[[float], Any]
) -> None:
    twilio_breaker(1)
    (message,) = write_texts(1)
    office.fate = lambda _to, _body: Fate(answers=False)
    send_due(stay=False)
    assert Message.objects.get(pk=message.pk).in_doubt
    office.fate = lambda _to, _body: Fate()
    let_pass(60)
    send_due(stay=False)
    found = Message.objects.get(pk=message.pk)
    assert (found.state, found.attempts, found.ambiguities) == ("sent", 1, 0)
    assert set(office.times_taken().values()) == {1}
