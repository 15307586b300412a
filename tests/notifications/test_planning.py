"""Plans: repaired where there is none, made once whoever makes them, and read from what the clinic sets."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment
from appointments.services.booking import book_appointment
from mediconnect.outbox.services.relaying import relay
from notifications.models import MessagePolicy, Reminder, TypeReminders
from notifications.services import planning
from notifications.services.planning import plan_missing, plan_reminders
from patients.models import Patient
from tests.appointments.conftest import SmallClinic

from .conftest import Book

pytestmark = pytest.mark.django_db


@pytest.fixture
def _given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the repair look at visits whose own handler has had its time."""
    monkeypatch.setattr(planning, "STILL_HANDLED", -dt.timedelta(minutes=1))


def states() -> list[tuple[int, str, str]]:
    """Return lead, state and reason of all reminders, the longest lead first."""
    return list(Reminder.objects.order_by("-lead_minutes").values_list("lead_minutes", "state", "reason"))


def test_a_plan_that_is_there_is_not_made_again(visit: Appointment) -> None:
    for _ in range(2):
        plan_reminders(visit=visit, version=1, since=visit.created_at)
    assert len(states()) == 3


def test_an_imported_visit_is_planned_from_the_moment_it_came(lena: Patient, place: SmallClinic) -> None:
    book_appointment(place.booking(place.at(14, days=2), source="imported"), caller=place.staff)
    assert plan_missing() == 1
    assert plan_missing() == 0
    found = {lead: (state, reason) for lead, state, reason in states()}
    assert found[7 * 1440] == ("skipped", "booked_later")
    assert found[180] == ("planned", "")


@pytest.mark.usefixtures("_given_up")
def test_a_visit_whose_fact_was_lost_is_planned_by_the_repair(lena: Patient, book: Book) -> None:
    book(14, days=6)
    assert plan_missing() == 1
    assert len(states()) == 3


def test_the_repair_leaves_a_fresh_booking_to_its_handler(lena: Patient, book: Book) -> None:
    book(14, days=6)
    assert plan_missing() == 0
    relay()
    assert len(states()) == 3


@pytest.mark.usefixtures("_given_up")
def test_the_repair_looks_no_further_than_anybody_reminds(lena: Patient, book: Book, place: SmallClinic) -> None:
    book(14, days=9)
    assert plan_missing() == 0
    MessagePolicy.objects.create(clinic=place.clinic, reminder_minutes=[14 * 1440])
    assert plan_missing() == 1


@pytest.mark.usefixtures("_given_up")
def test_the_repair_passes_over_what_is_never_reminded_of(lena: Patient, book: Book, place: SmallClinic) -> None:
    book(14, days=3)
    policy = MessagePolicy.objects.create(clinic=place.clinic, reminder_minutes=[])
    assert plan_missing() == 0
    own = TypeReminders.objects.create(appointment_type=place.kind, reminder_minutes=[60])
    assert plan_missing() == 1
    Reminder.objects.all().delete()
    MessagePolicy.objects.filter(pk=policy.pk).update(reminder_minutes=[120])
    TypeReminders.objects.filter(pk=own.pk).update(reminder_minutes=[])
    assert plan_missing() == 0


@pytest.mark.usefixtures("_given_up")
def test_a_plan_for_another_time_is_none(lena: Patient, book: Book) -> None:
    visit = book(14, days=6)
    relay()
    Reminder.objects.update(
        state="skipped",
        reason="visit_moved",
        decided_at=timezone.now(),
        visit_starts_at=visit.starts_at - dt.timedelta(days=1),
    )
    Reminder.objects.update(visit_version=0)
    assert plan_missing() == 1
    assert Reminder.objects.filter(state="planned", visit_starts_at=visit.starts_at).exists()


@pytest.mark.usefixtures("_given_up")
def test_the_repair_goes_on_batch_by_batch(lena: Patient, book: Book, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(planning, "_BATCH", 2)
    for number in range(5):
        book(10 + number, days=5)
    assert plan_missing(limit=3) == 3
    assert plan_missing() == 2


@pytest.mark.usefixtures("_given_up")
def test_a_batch_of_visits_costs_as_many_statements_as_one(lena: Patient, book: Book) -> None:
    counts = []
    plan_missing()  # its progress is a row from now on
    for number in (1, 4):
        for hour in range(number):
            book(10 + hour, days=2 + number)
        with CaptureQueriesContext(connection) as queries:
            assert plan_missing() == number
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_quiet_hours_are_the_patients_own(lena: Patient, place: SmallClinic) -> None:
    Patient.objects.filter(pk=lena.pk).update(timezone="Europe/Madrid")
    visit = book_appointment(place.booking(place.at(10, days=10)), caller=place.staff)[0]
    plan_reminders(visit=visit, version=1, since=visit.created_at)
    # Seven in New York is one in the afternoon in Madrid: nobody is woken.
    assert Reminder.objects.get(lead_minutes=180).due_at == visit.starts_at - dt.timedelta(hours=3)
