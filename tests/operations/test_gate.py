"""The queue's tables run nothing that `schedule.py` does not list, whoever wrote into them."""

import os
import uuid
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib import admin
from django.core import signing
from django.db.models import Model
from django.db.models.functions import Now
from django.utils.module_loading import import_string
from django_q.models import Failure, OrmQ, Schedule, Success
from django_q.scheduler import scheduler
from django_q.signing import PickleSerializer, SignedPackage
from django_q.tasks import async_task

from mediconnect.operations.workers.broker import GatedBroker
from mediconnect.operations.workers.gate import refusal
from mediconnect.outbox.services.waking import wake
from mediconnect.schedule import ALLOWED_FUNCTIONS

pytestmark = pytest.mark.django_db

ALLOWED = "mediconnect.outbox.tasks.relay_due"


def taken() -> list[str]:
    """Return the functions that a cluster would execute now."""
    packages = GatedBroker("default").dequeue() or []
    return [SignedPackage.loads(payload)["func"] for _, payload in packages]


@pytest.mark.parametrize("name", sorted(ALLOWED_FUNCTIONS))
def test_each_listed_function_exists(name: str) -> None:
    assert callable(import_string(name))


def test_a_listed_function_passes() -> None:
    async_task(ALLOWED)
    assert taken() == [ALLOWED]


def test_a_wake_up_passes() -> None:
    wake(wait=0)
    assert taken() == [ALLOWED]


def test_a_function_that_is_not_listed_is_dropped(tmp_path: Path) -> None:
    async_task("os.mkdir", str(tmp_path / "owned"))
    assert taken() == []
    assert not OrmQ.objects.exists()


def test_a_pickled_callable_is_dropped(tmp_path: Path) -> None:
    async_task(os.mkdir, str(tmp_path / "owned"))
    assert taken() == []


@pytest.mark.parametrize("option", [{"hook": "os.mkdir"}, {"chain": [("os.mkdir", ("owned",))]}])
def test_hooks_and_chains_are_no_way_round(option: dict[str, object]) -> None:
    async_task(ALLOWED, q_options=option)
    assert taken() == []


def test_a_forged_signature_is_dropped_unread() -> None:
    forged = signing.dumps({"func": ALLOWED}, key="another key", salt="default", serializer=PickleSerializer)
    OrmQ.objects.create(key="default", payload=forged, lock="2026-01-01T00:00:00Z")
    assert taken() == []
    assert not OrmQ.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_a_schedule_typed_by_hand_is_dropped(tmp_path: Path) -> None:
    Schedule.objects.create(func="os.mkdir", args=f"'{tmp_path / 'owned'}'", schedule_type="O", name="by hand")
    scheduler(broker=GatedBroker("default"))
    assert taken() == []
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize("task", [None, [], {}, {"func": None}, {"func": ALLOWED + "x"}])
def test_what_is_no_task_is_refused(task: object) -> None:
    assert refusal(task)


def test_the_longest_waiting_task_comes_first_and_none_comes_early() -> None:
    first, second = str(uuid.uuid4()), str(uuid.uuid4())
    for name, waited in ((second, 1), (first, 2), ("early", -1)):
        async_task(ALLOWED, task_name=name)
        OrmQ.objects.filter(pk=OrmQ.objects.latest("pk").pk).update(lock=Now() - timedelta(hours=waited))
    broker = GatedBroker("default")
    names = [SignedPackage.loads(package[0][1])["name"] for package in iter(broker.dequeue, None)]
    assert names == [first, second]


@pytest.mark.parametrize("model", [Schedule, OrmQ, Success, Failure])
def test_the_queues_own_tables_are_not_in_the_admin(model: type[Model]) -> None:
    assert not admin.site.is_registered(model)
