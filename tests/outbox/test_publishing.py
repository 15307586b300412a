"""A fact is said with what makes it true, in one statement, or not at all."""

import uuid

import pytest
from django.db import connection, transaction
from django_q.models import OrmQ
from pytest_django import DjangoAssertNumQueries

from mediconnect.outbox import publish
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.telemetry.request_id import set_request_id
from tests.outbox.listeners import NAME, Rang, Unheard

pytestmark = pytest.mark.usefixtures("wired")


@pytest.mark.django_db
def test_a_fact_has_a_delivery_for_each_listener() -> None:
    bell = uuid.uuid4()
    fact = Fact.objects.get(pk=publish(Rang(bell), aggregate_id=bell))
    assert (fact.name, fact.args, fact.aggregate_id) == ("outbox.Rang", {"bell_id": str(bell)}, bell)
    assert set(fact.deliveries.values_list("handler", "state")) == {
        (f"{NAME}.hear", "pending"),
        (f"{NAME}.hear_too", "pending"),
    }


@pytest.mark.django_db
def test_a_fact_that_nobody_hears_is_still_recorded() -> None:
    publish(Unheard(uuid.uuid4()))
    assert (Fact.objects.count(), Delivery.objects.count(), OrmQ.objects.count()) == (1, 0, 0)


@pytest.mark.django_db
def test_publishing_is_one_statement(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(1):
        publish(Rang(uuid.uuid4()))
    with django_assert_num_queries(1):
        publish(Unheard(uuid.uuid4()))


@pytest.mark.django_db
def test_a_fact_carries_the_request_it_came_from() -> None:
    set_request_id("request-0001")
    try:
        assert Fact.objects.get(pk=publish(Rang(uuid.uuid4()))).request_id == "request-0001"
    finally:
        set_request_id("")


@pytest.mark.django_db(transaction=True)
def test_a_fact_is_taken_back_with_its_transaction() -> None:
    with transaction.atomic():
        publish(Rang(uuid.uuid4()))
        transaction.set_rollback(True)
    assert (Fact.objects.count(), Delivery.objects.count(), OrmQ.objects.count()) == (0, 0, 0)


@pytest.mark.django_db(transaction=True)
def test_no_fact_is_said_outside_a_transaction() -> None:
    with pytest.raises(transaction.TransactionManagementError):
        publish(Rang(uuid.uuid4()))


@pytest.mark.django_db
def test_a_waiting_wake_up_serves_those_who_publish_next() -> None:
    for _ in range(5):
        publish(Rang(uuid.uuid4()))
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db
def test_a_wake_up_that_may_run_before_our_commit_serves_nobody() -> None:
    publish(Rang(uuid.uuid4()))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE django_q_ormq SET lock = statement_timestamp() + interval '20 ms'")
    publish(Rang(uuid.uuid4()))
    assert OrmQ.objects.count() == 2
