"""Several pollers, a doubled schedule, a poller killed in the middle: each step is told once, and none is lost."""

import datetime as dt
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Sequence
from typing import Final

import pytest
from django.db import IntegrityError
from django.utils import timezone

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from mediconnect.operations.verifying import broken
from mediconnect.outbox.services.relaying import relay
from notifications.models import Message, Reminder
from notifications.services import polling
from notifications.services.polling import poll_reminders
from notifications.services.telling import Telling
from notifications.services.writing import tell_all
from tests.appointments.conftest import SmallClinic
from tests.counts import rounds
from tests.notifications.conftest import reachable
from tests.processes import environment_of_the_test_database

from .racing import race

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.race]

POLLERS: Final = 4
PERSONS: Final = 50
KILLS: Final = rounds(quick=4, full=60)

_POLLER: Final = """
import django
django.setup()
from notifications.services.polling import poll_reminders
print("up", flush=True)
while poll_reminders(limit=20, per_commit=2).rows:
    pass
"""


BOTH: Final = ((7 * 1440, 3), (2 * 1440, 1))


def plan(place: SmallClinic, overdue: Sequence[tuple[int, int]] = BOTH) -> list[Appointment]:
    """Book a visit for each person, and let two of its three steps (lead, minutes overdue) be due now."""
    visits = []
    for number, patient in enumerate(place.patients):
        reachable(patient, phone=f"+1212555{number:04d}", email="")
        start = place.at(8 + number // 4 % 10, number % 4 * 15, days=9 + number // 40)
        visits.append(book_appointment(place.booking(start, number, minutes=15), caller=place.staff)[0])
    relay()
    now = timezone.now()
    for lead, minutes in overdue:
        Reminder.objects.filter(lead_minutes=lead).update(due_at=now - dt.timedelta(minutes=minutes))
    return visits


class Refused:
    """Counts how often the database had to refuse a second message about the same step."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, tellings: Sequence[Telling]) -> list[Message]:
        """Tell, and count."""
        try:
            return tell_all(tellings)
        except IntegrityError:
            self.times += 1
            raise


def assert_each_is_told_once(visits: list[Appointment]) -> None:
    """One message for each visit, of its latest step; the earlier one is overtaken, the third still planned."""
    told = Message.objects.filter(kind="reminder").values_list("visit", "lead_minutes")
    assert sorted(told) == sorted((visit.pk, 2 * 1440) for visit in visits)
    assert Reminder.objects.filter(state="taken", message__isnull=False).count() == len(visits)
    assert Reminder.objects.filter(state="skipped", reason="overtaken").count() == len(visits)
    assert Reminder.objects.filter(state="planned").count() == len(visits)


def test_four_pollers_tell_each_step_once(crowd: SmallClinic, monkeypatch: pytest.MonkeyPatch) -> None:
    visits, refused = plan(crowd), Refused()
    monkeypatch.setattr(polling, "tell_all", refused)
    polled = race([lambda: poll_reminders(per_commit=10)] * POLLERS)
    assert sum(one.taken for one in polled) + poll_reminders().taken == len(visits)
    assert_each_is_told_once(visits)
    assert refused.times == 0


def test_without_the_holds_the_pollers_do_meet_and_the_constraint_is_the_last_referee(
    crowd: SmallClinic, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: what the test above forbids does happen where nobody holds anything."""
    visits, refused = plan(crowd, BOTH[1:]), Refused()

    def hold_nothing(due: Sequence[uuid.UUID], _persons: object, _now: object, _until: object) -> list[Reminder]:
        persons = Reminder.objects.filter(pk__in=due).values("visit__patient")
        rows = Reminder.objects.filter(visit__patient__in=persons, state="planned")
        return list(rows.select_related("visit__patient", "visit__clinic"))

    monkeypatch.setattr(polling, "tell_all", refused)
    monkeypatch.setattr(polling, "hold_persons", set)
    monkeypatch.setattr(polling, "hold_due", hold_nothing)
    race([lambda: poll_reminders(per_commit=PERSONS)] * POLLERS)
    assert refused.times > 0
    assert Message.objects.filter(kind="reminder").count() == len(visits)


def test_a_poller_that_is_killed_again_and_again_loses_and_doubles_nothing(crowd: SmallClinic) -> None:
    visits = plan(crowd)
    for number in range(KILLS):
        goal = (number + 1) * len(visits) // (KILLS + 1)
        poller = subprocess.Popen(
            [sys.executable, "-c", _POLLER], env=environment_of_the_test_database(), stdout=subprocess.PIPE
        )
        assert poller.stdout is not None
        assert poller.stdout.readline() == b"up\n"
        end = time.monotonic() + 30
        while poller.poll() is None and Message.objects.filter(kind="reminder").count() < goal:
            assert time.monotonic() < end
        poller.send_signal(signal.SIGKILL)
        poller.wait(10)
        poller.stdout.close()
        taken = Reminder.objects.filter(state="taken").count()
        assert taken == Message.objects.filter(kind="reminder").count()
    poll_reminders()
    assert_each_is_told_once(visits)
    assert [str(found) for found in broken()] == []
