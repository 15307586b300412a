"""Workers that are killed in the middle of a batch, and several at once: each visit is done exactly once."""

import datetime as dt
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.db.models.functions import Now

from appointments.models import Appointment, Batch, Claim
from appointments.services.batches.starting import Asked, Seen, start_batch
from appointments.services.batches.steering import stop_batch
from appointments.services.booking import book_appointment
from mediconnect.outbox.models import Delivery, Fact
from mediconnect.outbox.services.relaying import relay
from mediconnect.records.models import Change
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race
from tests.counts import rounds
from tests.processes import environment_of_the_test_database

pytestmark = pytest.mark.race

MANY = 60


def begun(place: SmallClinic, asked: Asked, count: int = MANY) -> Batch:
    """Begin a batch with so many visits, half an hour each, three days in a row without a gap."""
    first = place.at(0)
    visits = [
        book_appointment(
            place.booking(first + dt.timedelta(minutes=30 * number), number % len(place.patients)), caller=place.staff
        )[0]
        for number in range(count)
    ]
    Delivery.objects.update(state="done", done_at=Now())  # nobody is to hear of the bookings here
    seen = [Seen(visit.pk, visit.version) for visit in visits]
    return start_batch(clinic_id=place.clinic.pk, asked=asked, visits=seen, caller=place.staff)


def killed_at(number: int, moment: str) -> int:
    """Return how a worker ended that is killed at so many visits: 0, or minus the signal."""
    words = [sys.executable, "-m", "tests.concurrency.batch_process", str(number), moment]
    return subprocess.run(words, env=environment_of_the_test_database(), timeout=120, check=False).returncode


def all_is_heard() -> None:
    """Work until nothing is due any more; whoever was killed holds nothing for longer than its lease."""
    Delivery.objects.pending().update(lease_until=Now() - dt.timedelta(seconds=1), due_at=Now())
    while Delivery.objects.pending().exists():
        Delivery.objects.pending().update(due_at=Now())
        relay()


def changes_of(column: str) -> Counter[int]:
    """Return how many visits changed the column how often."""
    changed = Change.objects.filter(record_type="appointments_appointment", operation="update")
    return Counter(Counter(changed.filter(after__has_key=column).values_list("record_id", flat=True)).values())


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_nothing_half_done_and_nothing_is_done_twice(crowd: SmallClinic, moment: str) -> None:
    batch = begun(crowd, Asked("cancel", reason="provider_unavailable"))
    for number in range(rounds(quick=2, full=10)):
        assert killed_at(5 + number, moment) == -signal.SIGKILL
        done = batch.items.filter(state="done").count()
        assert Appointment.objects.filter(status="cancelled").count() == done
        assert Claim.objects.count() == MANY - done
        Delivery.objects.pending().update(lease_until=Now() - dt.timedelta(seconds=1))
    assert 0 < batch.items.filter(state="done").count() < MANY
    all_is_heard()
    assert Counter(batch.items.values_list("state", flat=True)) == {"done": MANY}
    assert changes_of("cancellation_reason") == {1: MANY}
    assert Fact.objects.filter(name="appointments.AppointmentCancelled").count() == MANY


def test_a_shift_that_is_killed_halfway_is_finished(crowd: SmallClinic) -> None:
    batch = begun(crowd, Asked("move", shift_minutes=-15), 20)
    assert killed_at(8, "after") == -signal.SIGKILL
    all_is_heard()
    # The first begins at midnight, which it would leave for the day before; so it stays, and the next finds it there.
    refused = dict(batch.items.filter(state="refused").values_list("place", "refusal"))
    assert refused[0] == "other-day"
    assert set(refused.values()) <= {"other-day", "slot-taken"}
    assert changes_of("starts_at") == ({1: 20 - len(refused)} if len(refused) < 20 else {})


@pytest.mark.parametrize("minutes", [30, 15])
def test_four_workers_shift_a_full_day_whoever_comes_first(crowd: SmallClinic, minutes: int) -> None:
    batch = begun(crowd, Asked("move", shift_minutes=minutes), 40)
    for _turn in range(20):
        race([relay] * 4)
        if not batch.items.filter(state="waiting").exists():
            break
        Delivery.objects.pending().update(due_at=Now())
    assert Counter(batch.items.values_list("state", "refusal")) == {("done", ""): 40}
    assert changes_of("starts_at") == {1: 40}


def test_a_stop_meets_the_workers_and_each_visit_is_one_or_the_other(crowd: SmallClinic) -> None:
    batch = begun(crowd, Asked("cancel", reason="clinic_closed"))

    def stop() -> int:
        stop_batch(batch_id=batch.pk, clinic_id=crowd.clinic.pk, caller=crowd.staff)
        return 0

    race([relay, relay, stop])
    all_is_heard()
    states = Counter(batch.items.values_list("state", flat=True))
    assert states["done"] + states["stopped"] == MANY
    assert Appointment.objects.filter(status="cancelled").count() == states["done"]
