"""In the admin facts and deliveries are read, and the dead are queued again."""

import uuid

import pytest
from django.contrib.admin.sites import site
from django.test import Client, RequestFactory
from django.urls import reverse

from mediconnect.accounts.models import User
from mediconnect.outbox import publish
from mediconnect.outbox.admin import DeliveryAdmin
from mediconnect.outbox.errors import DeliveryNotDead
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.services.requeueing import requeue
from tests.outbox.listeners import NAME, Rang

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("wired")]


@pytest.fixture
def superuser(client: Client) -> User:
    """Return a superuser who is signed in."""
    user = User.objects.create_superuser(
        email="admin@clinic.example", password="a long enough password", second_factor_exempt=True
    )
    client.force_login(user)
    return user


def dead_and_pending() -> tuple[Delivery, Delivery]:
    publish(Rang(uuid.uuid4()))
    dead, pending = Delivery.objects.order_by("pk")
    Delivery.objects.filter(pk=dead.pk).update(state="dead", attempts=8, last_error="RuntimeError")
    return dead, pending


@pytest.mark.parametrize("model", ["fact", "delivery"])
def test_lists_are_shown_and_nothing_can_be_added(client: Client, superuser: User, model: str) -> None:
    dead_and_pending()
    assert client.get(reverse(f"admin:outbox_{model}_changelist")).status_code == 200
    assert client.get(reverse(f"admin:outbox_{model}_add")).status_code == 403


def test_one_fact_is_read_and_not_written(client: Client, superuser: User) -> None:
    dead_and_pending()
    address = reverse("admin:outbox_fact_change", args=[Fact.objects.get().pk])
    assert client.get(address).status_code == 200
    assert client.post(address, {"name": "x"}).status_code == 403


def test_the_dead_are_queued_again_and_others_left_alone(client: Client, superuser: User) -> None:
    dead, pending = dead_and_pending()
    answer = client.post(
        reverse("admin:outbox_delivery_changelist"),
        {"action": "requeue_dead", "_selected_action": [dead.pk, pending.pk]},
        follow=True,
    )
    assert "1 queued again, 1 not dead." in answer.content.decode()
    dead.refresh_from_db()
    assert (dead.state, dead.attempts, dead.requeued_by) == ("pending", 0, superuser)
    assert dead.handler == f"{NAME}.hear"


def test_the_action_is_for_those_who_may_change_deliveries(rf: RequestFactory) -> None:
    request = rf.get("/")
    request.user = User.objects.create_user(
        email="reader@clinic.example", password="a long enough password", is_staff=True
    )
    assert "requeue_dead" not in DeliveryAdmin(Delivery, site).get_actions(request)


def test_only_a_dead_delivery_is_queued_again() -> None:
    _, pending = dead_and_pending()
    with pytest.raises(DeliveryNotDead):
        requeue(delivery_id=pending.pk, by_id=None)
