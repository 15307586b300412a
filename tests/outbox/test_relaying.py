"""Each listener hears each fact once, whatever fails or dies between; what cannot be delivered is listed."""

import threading
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django_q.models import OrmQ

from mediconnect.outbox import publish
from mediconnect.outbox.locks import claim, hold
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.rules import MAX_ATTEMPTS
from mediconnect.outbox.services import relaying
from mediconnect.outbox.services.relaying import relay
from mediconnect.outbox.services.requeueing import requeue
from mediconnect.outbox.services.routing import handler_of
from mediconnect.outbox.tasks import relay_due
from tests.outbox.listeners import NAME, Broke, Rang, heard_facts

pytestmark = pytest.mark.usefixtures("ears")


def say(event: object) -> uuid.UUID:
    with transaction.atomic():
        return publish(event)  # type: ignore[arg-type]


def let_leases_end() -> None:
    Delivery.objects.filter(lease_until__isnull=False).update(lease_until=Now() - timedelta(seconds=1))


def let_waits_end() -> None:
    Delivery.objects.pending().update(due_at=Now())


def test_a_fact_reaches_each_listener_once() -> None:
    fact = say(Rang(uuid.uuid4()))
    assert relay() == 2
    assert relay() == 0
    assert heard_facts() == [fact, fact]  # two listeners
    assert set(Delivery.objects.values_list("state", "attempts")) == {("done", 1)}


def test_a_listeners_rows_and_its_tick_commit_together() -> None:
    say(Broke(uuid.uuid4()))
    assert relay() == 1
    assert heard_facts() == []
    delivery = Delivery.objects.get()
    assert (delivery.state, delivery.attempts, delivery.last_error, delivery.lease_token) == (
        "pending",
        1,
        "RuntimeError",
        None,
    )


def test_a_failure_keeps_no_words(caplog: pytest.LogCaptureFixture) -> None:
    say(Broke(uuid.uuid4()))
    relay()
    assert "RuntimeError" in caplog.text
    assert "Mary" not in caplog.text


def test_a_failure_wakes_the_relay_when_its_wait_is_over() -> None:
    say(Broke(uuid.uuid4()))
    OrmQ.objects.all().delete()
    relay()
    assert OrmQ.objects.get().lock > Delivery.objects.get().due_at


def test_a_dead_delivery_does_not_hold_up_others() -> None:
    say(Broke(uuid.uuid4()))
    for _ in range(MAX_ATTEMPTS):
        say(Rang(uuid.uuid4()))
        relay()
        let_waits_end()
    assert relay() == 0
    assert len(heard_facts()) == 2 * MAX_ATTEMPTS
    assert Delivery.objects.dead().values_list("attempts", "last_error").get() == (MAX_ATTEMPTS, "RuntimeError")


def test_a_worker_that_dies_before_the_tick_delays_the_delivery_and_doubles_nothing() -> None:
    say(Rang(uuid.uuid4()))
    assert claim() is not None
    assert relay() == 1  # the other listener; the claimed one is leased
    assert relay() == 0
    let_leases_end()
    assert relay() == 1
    assert len(heard_facts()) == 2
    assert sorted(Delivery.objects.values_list("state", "attempts")) == [("done", 1), ("done", 2)]


def test_whoever_lost_the_lease_may_not_write_the_outcome() -> None:
    say(Broke(uuid.uuid4()))
    stale = claim()
    let_leases_end()
    fresh = claim()
    assert stale is not None
    assert fresh is not None
    with transaction.atomic():
        assert hold(*stale) is None
    relaying._fail(*stale, RuntimeError(), final=True)
    relaying._work(*stale)
    assert Delivery.objects.values_list("state", "lease_token").get() == ("pending", fresh[1])


def test_a_delivery_whose_last_worker_died_is_dead() -> None:
    say(Rang(uuid.uuid4()))
    Delivery.objects.update(attempts=MAX_ATTEMPTS, lease_until=Now() - timedelta(seconds=1), lease_token=uuid.uuid4())
    assert relay() == 0
    assert set(Delivery.objects.values_list("state", "last_error")) == {("dead", "WorkerLost")}


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"name": "outbox.NeverHeardOf"}, "UnknownFact"),
        ({"args": {"bell": 1}}, "UnreadableFact"),
        ({"args": "gibberish"}, "UnreadableFact"),
    ],
)
def test_a_fact_that_this_release_cannot_read_is_dead_at_once(change: dict[str, object], error: str) -> None:
    unreadable = say(Rang(uuid.uuid4()))
    Fact.objects.filter(pk=unreadable).update(**change)
    fine = say(Rang(uuid.uuid4()))
    assert relay() == 4
    assert set(heard_facts()) == {fine}
    assert set(Delivery.objects.filter(fact=unreadable).values_list("state", "attempts", "last_error")) == {
        ("dead", 1, error)
    }


def test_a_stored_name_alone_runs_nothing() -> None:
    say(Rang(uuid.uuid4()))
    Delivery.objects.filter(handler=f"{NAME}.hear").update(handler="os.getpid")
    relay()
    assert Delivery.objects.get(handler="os.getpid").last_error == "UnknownFact"


def test_a_requeued_delivery_starts_over_under_its_own_key() -> None:
    say(Rang(uuid.uuid4()))
    Delivery.objects.update(state="dead", attempts=MAX_ATTEMPTS)
    before = Delivery.objects.order_by("pk").first()
    assert before is not None
    after = requeue(delivery_id=before.pk, by_id=None)
    assert (after.pk, after.state, after.attempts) == (before.pk, "pending", 0)
    assert after.requeued_at is not None
    assert relay() == 1


def test_a_turn_that_ends_early_asks_for_another(monkeypatch: pytest.MonkeyPatch) -> None:
    say(Rang(uuid.uuid4()))
    OrmQ.objects.all().delete()
    monkeypatch.setattr("mediconnect.outbox.tasks.relay", lambda: relay(limit=1))
    relay_due()
    assert OrmQ.objects.count() == 1
    relay_due()
    assert Delivery.objects.pending().count() == 0


def _in_threads(count: int, work: object) -> None:
    def run(_: int) -> None:
        try:
            work()  # type: ignore[operator]
        finally:
            connection.close()

    with ThreadPoolExecutor(count) as pool:
        list(pool.map(run, range(count)))


@pytest.mark.race
def test_relays_side_by_side_hand_over_each_delivery_once() -> None:
    facts = [say(Rang(uuid.uuid4())) for _ in range(40)]
    start = threading.Barrier(4)

    def work() -> None:
        start.wait()
        relay()

    _in_threads(4, work)
    assert Counter(heard_facts()) == dict.fromkeys(facts, 2)
    assert set(Delivery.objects.values_list("state", "attempts")) == {("done", 1)}


@pytest.mark.race
def test_control_without_lease_and_lock_deliveries_are_handed_over_twice() -> None:
    facts = [say(Rang(uuid.uuid4())) for _ in range(5)]
    both_have_read = threading.Barrier(2)

    def careless_relay() -> None:
        due = list(Delivery.objects.due().select_related("fact"))
        both_have_read.wait()
        for delivery in due:
            with transaction.atomic():
                handler_of(delivery.handler)(delivery.fact)
                Delivery.objects.filter(pk=delivery.pk).update(state="done", done_at=Now(), attempts=F("attempts") + 1)

    _in_threads(2, careless_relay)
    assert Counter(heard_facts()) == dict.fromkeys(facts, 4)
