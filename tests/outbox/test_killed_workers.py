"""A listener that kills its worker is tried again, counted, and dead in the end; others go on."""

import signal
import subprocess
import sys
import uuid
from datetime import timedelta

import pytest
from django.db import transaction
from django.db.models.functions import Now

from mediconnect.outbox import publish
from mediconnect.outbox.models import Delivery
from mediconnect.outbox.rules import MAX_ATTEMPTS
from tests.counts import rounds
from tests.outbox.listeners import Exploded, Rang, heard_facts
from tests.processes import environment_of_the_test_database

pytestmark = [pytest.mark.usefixtures("ears"), pytest.mark.race]


def run_a_relay() -> int:
    """Return how the process ended: 0, or minus the signal that killed it."""
    return subprocess.run(
        [sys.executable, "-m", "tests.outbox.relay_process"],
        env=environment_of_the_test_database(),
        timeout=60,
        check=False,
    ).returncode


def test_a_listener_that_kills_its_worker_is_dead_after_its_last_attempt() -> None:
    deaths = rounds(quick=2, full=MAX_ATTEMPTS)
    with transaction.atomic():
        publish(Exploded(uuid.uuid4()))
    Delivery.objects.update(attempts=MAX_ATTEMPTS - deaths)
    for death in range(1, deaths + 1):
        assert run_a_relay() == -signal.SIGKILL
        assert Delivery.objects.values_list("attempts", "state").get() == (MAX_ATTEMPTS - deaths + death, "pending")
        Delivery.objects.update(lease_until=Now() - timedelta(seconds=1))
    with transaction.atomic():
        fine = publish(Rang(uuid.uuid4()))
    assert run_a_relay() == 0
    assert Delivery.objects.dead().values_list("attempts", "last_error").get() == (MAX_ATTEMPTS, "WorkerLost")
    assert heard_facts() == [fine, fine]
