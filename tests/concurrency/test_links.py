"""Fifty clicks on one link at once: one acts, the others find it done."""

from collections import Counter
from functools import partial

import pytest

from appointments.models import Appointment
from mediconnect.accounts.models import SignInAttempts
from mediconnect.outbox.models import Fact
from mediconnect.records.models import Change
from notifications.models import Reply
from notifications.services.linking import open_link
from notifications.services.linking.acting import (
    ask_for_call,
    cancel_by_link,
    confirm_by_link,
    move_by_link,
    undo_by_link,
)
from notifications.services.linking.checking import check_birth_date
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race, refusal_of
from tests.notifications.linked import BORN, booked, linked

pytestmark = pytest.mark.race

CLICKS = 50


def _facts(name: str) -> int:
    return Fact.objects.filter(name__endswith=name).count()


def _times_in_history(visit: Appointment, status: str) -> int:
    return Change.objects.of(visit).filter(after__status=status).count()


def test_fifty_confirmations_confirm_once(crowd: SmallClinic, isolation: str) -> None:
    visit = booked(crowd)
    token = linked(visit)
    answers = Counter(race([refusal_of(partial(confirm_by_link, token=token, number=1))] * CLICKS))
    assert answers == {"done": CLICKS}
    assert (_facts("AppointmentConfirmed"), _times_in_history(visit, "confirmed")) == (1, 1)


def test_fifty_cancellations_and_confirmations_end_in_one_cancellation(crowd: SmallClinic, isolation: str) -> None:
    visit = booked(crowd)
    token = linked(visit)
    cancels = [refusal_of(partial(cancel_by_link, token=token, number=1, reason="patient_other"))] * (CLICKS // 2)
    confirms = [refusal_of(partial(confirm_by_link, token=token, number=1))] * (CLICKS // 2)
    answers = race(cancels + confirms)
    assert set(answers[: CLICKS // 2]) == {"done"}
    assert set(answers[CLICKS // 2 :]) <= {"done", "link-revoked"}
    assert Appointment.objects.get(pk=visit.pk).status == "cancelled"
    assert _facts("AppointmentCancelled") == 1
    assert set(race([refusal_of(partial(undo_by_link, token=token, number=1))] * CLICKS)) == {"done"}
    assert _facts("AppointmentStepUndone") == 1


def test_fifty_clicks_on_one_new_time_move_once(crowd: SmallClinic, isolation: str) -> None:
    visit = booked(crowd)
    token = linked(visit)
    start = crowd.at(16, days=4)
    assert set(race([refusal_of(partial(move_by_link, token=token, number=1, start=start))] * CLICKS)) == {"done"}
    assert _facts("AppointmentMoved") == 1
    assert Appointment.objects.get(pk=visit.pk).starts_at == start


def test_fifty_wishes_to_be_called_wait_once(crowd: SmallClinic, isolation: str) -> None:
    opened = open_link(linked(booked(crowd)))
    replies = race([partial(ask_for_call, opened=opened, told=opened.told(1))] * CLICKS)
    assert {reply.pk for reply in replies} == set(Reply.objects.values_list("pk", flat=True))
    assert Reply.objects.count() == 1


def test_of_fifty_guesses_at_once_five_are_looked_at(crowd: SmallClinic, isolation: str) -> None:
    opened = open_link(linked(booked(crowd)))
    guesses = [
        refusal_of(partial(check_birth_date, opened=opened, birth_date=BORN.replace(year=1900 + number)))
        for number in range(CLICKS)
    ]
    assert Counter(race(guesses)) == {"birth-date-wrong": 5, "too-many-attempts": CLICKS - 5}
    assert SignInAttempts.objects.get().failures == 5
