"""Two senders of webhooks at once make each call once, and a result that comes after its lease changes nothing."""

import datetime as dt
import threading
from collections import Counter
from collections.abc import Callable

import pytest
from django.db import connection, transaction
from django.utils import timezone

from notifications.locks.hooks import one_turn, take_call
from notifications.models import HookCall, HookEvent
from notifications.services.hooks.carrying import Accepted
from notifications.services.hooks.claiming import Errand, claim_call
from notifications.services.hooks.recording import record
from notifications.services.hooks.turning import call_hooks
from tests.factories import ClinicFactory
from tests.notifications.hooked import hook_to

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

CALLS = 40


def written(count: int = CALLS) -> list[HookCall]:
    hook = hook_to(ClinicFactory.create(), "https://receiver.example.org/")
    return HookCall.objects.bulk_create(
        [HookCall(hook=hook, event=HookEvent.PING, body={"type": "ping"}) for _ in range(count)]
    )


def in_two_threads(work: Callable[[], object]) -> None:
    barrier = threading.Barrier(2)

    def run() -> None:
        barrier.wait()
        try:
            work()
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_control_two_who_read_and_then_write_take_the_same_call() -> None:
    written()
    taken: list[object] = []

    def naive() -> None:
        while True:
            call = HookCall.objects.filter(state="queued").order_by("due_at", "id").first()
            if call is None:
                return
            taken.append(call.pk)
            HookCall.objects.filter(pk=call.pk).update(
                state="sending", lease_until=timezone.now(), lease_token=call.hook_id
            )

    in_two_threads(naive)
    assert max(Counter(taken).values()) > 1


def test_two_senders_take_each_call_once() -> None:
    calls, taken = written(), []

    def claim_all() -> None:
        idle = 0
        while idle < 3:
            claimed = claim_call()
            if isinstance(claimed, Errand):
                taken.append(claimed.call_id)
            idle = 0 if claimed else idle + 1

    in_two_threads(claim_all)
    assert Counter(taken) == dict.fromkeys((call.pk for call in calls), 1)


def test_a_result_that_comes_after_its_lease_is_refused() -> None:
    (call,) = written(1)
    first = claim_call()
    assert isinstance(first, Errand)
    HookCall.objects.filter(pk=call.pk).update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    second = claim_call()
    assert isinstance(second, Errand)
    assert (second.call_id, second.attempt) == (first.call_id, 2)
    record(first, Accepted(200, 5))
    call.refresh_from_db()
    assert call.state == "sending"
    record(second, Accepted(201, 5))
    call.refresh_from_db()
    assert (call.state, call.last_status) == ("delivered", 201)


def test_one_turn_at_a_time_and_the_next_when_its_process_is_gone() -> None:
    answers: list[int | None] = []

    def other() -> None:
        try:
            answers.append(call_hooks(stay=False))
        finally:
            connection.close()

    with one_turn() as mine:
        assert mine
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert answers == [None]
        connection.close()  # as at a death: nobody has to give the turn back
        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
        assert answers == [None, 0]


def test_a_step_that_is_none_is_refused_by_the_database() -> None:
    (call,) = written(1)
    with pytest.raises(Exception, match="a call does not go from queued to delivered"), transaction.atomic():
        HookCall.objects.filter(pk=call.pk).update(state="delivered", delivered_at=timezone.now())


def test_calls_of_a_paused_or_resting_address_are_passed_over() -> None:
    (paused, resting, free) = (written(1)[0] for _ in range(3))
    type(paused.hook).objects.filter(pk=paused.hook_id).update(paused_at=timezone.now(), paused_why="by_hand")
    resting.hook.standing.rests_until = timezone.now() + dt.timedelta(minutes=1)
    resting.hook.standing.save()
    with transaction.atomic():
        taken = take_call()
        assert taken is not None
        assert taken.id == free.pk
        assert take_call() is None
