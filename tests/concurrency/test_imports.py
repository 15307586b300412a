"""Workers that are killed in the middle of an import, and several at once: each row is written exactly once."""

import datetime as dt
import signal
import subprocess
import sys
from collections import Counter

import pytest
from django.db import transaction

from appointments.models import Appointment
from mediconnect.operations.exchange import importing
from mediconnect.operations.models import ImportRun
from mediconnect.operations.verifying import broken
from mediconnect.outbox.models import Fact
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race
from tests.counts import rounds
from tests.operations.exchange.conftest import Bringer
from tests.processes import environment_of_the_test_database

pytestmark = pytest.mark.race

MANY = 40


def asked_for(place: SmallClinic) -> ImportRun:
    """Bring a file with so many visits, half an hour each, and ask for its import."""
    first = place.at(0)
    moments = [first + dt.timedelta(minutes=30 * number) for number in range(MANY)]
    lines = [
        f"R000{number % len(place.patients)},Consultation,Dr. Amara Obi,{moment:%Y-%m-%d},{moment:%H:%M}"
        for number, moment in enumerate(moments)
    ]
    run = Bringer(place, place.desk).bring("visits", "mrn,type,provider,date,time", *lines)
    assert run.counts == {"new": MANY}
    with transaction.atomic():
        return importing.ask(run_id=run.pk, clinic_id=place.clinic.pk, with_doubtful=False, by_id=place.desk.pk)


def killed_at(number: int, moment: str) -> int:
    """Return how a worker ended that is killed at so many rows: 0, or minus the signal."""
    words = [sys.executable, "-m", "tests.concurrency.import_process", str(number), moment]
    return subprocess.run(words, env=environment_of_the_test_database(), timeout=120, check=False).returncode


def all_is_there_once(run: ImportRun) -> None:
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"new": MANY, "written": MANY})
    assert Appointment.objects.count() == MANY
    assert set(Counter(Appointment.objects.values_list("starts_at", flat=True)).values()) == {1}
    assert Fact.objects.filter(name="appointments.AppointmentBooked").count() == MANY
    assert broken(["no_two_visits_of_one_provider_overlap", "a_visit_claims_its_provider_room_and_device"]) == []


@pytest.mark.parametrize("moment", ["before", "after"])
def test_a_killed_worker_leaves_no_row_half_written_and_none_is_written_twice(place: SmallClinic, moment: str) -> None:
    run, written = asked_for(place), 0
    for number in range(rounds(quick=2, full=10)):
        assert killed_at(5 + number % 3, moment) == -signal.SIGKILL
        written = run.rows.filter(outcome="written").count()
        assert Appointment.objects.count() == written
    assert 0 < written < MANY
    while importing.write_next():
        pass
    all_is_there_once(run)


def test_workers_at_once_write_each_row_once(place: SmallClinic) -> None:
    run = asked_for(place)
    race([importing.take_turn] * 4)
    while importing.write_next():
        pass
    all_is_there_once(run)
