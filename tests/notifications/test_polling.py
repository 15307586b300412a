"""From planned to queued: each step once, several visits together, never too late, whatever is bad or held."""

import datetime as dt
import logging
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from appointments.models import Appointment
from notifications.models import Message, Progress, Reminder
from notifications.services import polling
from notifications.services.polling import poll_reminders
from notifications.services.telling import Telling
from notifications.services.writing import tell_all
from patients.models import ContactPoint, Patient
from tests.appointments.conftest import SmallClinic
from tests.factories import ReminderFactory

from .conftest import Book, hours, reachable

pytestmark = pytest.mark.django_db


def remind(visit: Appointment, lead: int = 48 * 60, *, due: float = -1) -> Reminder:
    """Plan a step of the visit that is due so many minutes from now."""
    return ReminderFactory.create(
        visit=visit, lead_minutes=lead, due_at=timezone.now() + dt.timedelta(minutes=due), visit_version=visit.version
    )


def stands(reminder: Reminder) -> tuple[str, str]:
    """Return state and reason of the reminder now."""
    reminder.refresh_from_db()
    return reminder.state, reminder.reason


def test_what_is_due_becomes_a_message_and_the_rest_stays(visit: Appointment) -> None:
    due, later = remind(visit), remind(visit, 180, due=60)
    polled = poll_reminders()
    assert (polled.taken, polled.messages, polled.skipped, polled.is_full) == (1, 1, 0, False)
    message = Message.objects.get()
    assert (message.kind, message.channel, message.state, message.lead_minutes) == ("reminder", "sms", "queued", 2880)
    assert (message.visit_id, message.visit_starts_at, message.urgent) == (visit.pk, visit.starts_at, False)
    assert list(message.events.values_list("what", flat=True)) == ["queued"]
    assert (stands(due), stands(later)) == (("taken", ""), ("planned", ""))
    assert due.message_id == message.pk


def test_a_second_poll_and_a_doubled_schedule_find_nothing_more(visit: Appointment) -> None:
    remind(visit)
    assert [poll_reminders().taken for _ in range(3)] == [1, 0, 0]
    assert Message.objects.count() == 1


def test_three_visits_of_one_person_are_one_message(lena: Patient, book: Book) -> None:
    """Complaint 15: one patient with three visits got three texts."""
    steps = [remind(book(hour, days=10)) for hour in (10, 12, 14)]
    polled = poll_reminders()
    assert (polled.taken, polled.messages) == (3, 1)
    assert [stands(step) for step in steps] == [("taken", ""), ("taken", "joined"), ("taken", "joined")]
    assert Message.objects.get().visit_id == steps[0].visit_id


def test_a_visit_whose_step_is_due_within_two_hours_is_told_along(lena: Patient, book: Book) -> None:
    now_due, soon, later = remind(book(10)), remind(book(11), due=60), remind(book(13), due=180)
    poll_reminders()
    assert [stands(step)[0] for step in (now_due, soon, later)] == ["taken", "taken", "planned"]
    assert Message.objects.count() == 1


def test_visits_of_different_days_persons_or_clinics_are_told_apart(
    place: SmallClinic, lena: Patient, book: Book
) -> None:
    reachable(place.patients[1], phone="+12125550143", email="")
    remind(book(10, days=10))
    remind(book(12, days=13))
    remind(book(14, days=10, patient=1))
    assert poll_reminders().messages == 3


def test_an_outage_of_six_days_sends_only_the_latest_step(lena: Patient, book: Book) -> None:
    visit = book(10, days=1)
    steps = [
        ReminderFactory.create(visit=visit, lead_minutes=lead, due_at=visit.starts_at - dt.timedelta(minutes=lead))
        for lead in (7 * 1440, 48 * 60)
    ]
    assert poll_reminders().messages == 1
    assert [stands(step) for step in steps] == [("skipped", "overtaken"), ("taken", "")]


def test_nothing_is_sent_once_the_visit_began(visit: Appointment) -> None:
    step = remind(visit)
    poll_reminders(now=visit.starts_at + hours(0.1))
    assert stands(step) == ("skipped", "visit_begun")
    assert not Message.objects.exists()


@pytest.mark.parametrize(
    ("columns", "why"),
    [
        ({"status": "arrived"}, "visit_over"),
        ({"status": "cancelled", "cancellation_reason": "patient_request"}, "visit_cancelled"),
    ],
)
def test_a_visit_that_is_not_to_come_is_not_reminded_of(visit: Appointment, columns: dict[str, Any], why: str) -> None:
    step = remind(visit)
    Appointment.objects.filter(pk=visit.pk).update(**columns)
    poll_reminders()
    assert stands(step) == ("skipped", why)


def test_a_plan_for_another_time_is_not_carried_out(visit: Appointment) -> None:
    step = remind(visit)
    Reminder.objects.filter(pk=step.pk).update(visit_starts_at=visit.starts_at - hours(1))
    poll_reminders()
    assert stands(step) == ("skipped", "visit_moved")


def test_where_nothing_can_be_written_to_the_message_says_why(visit: Appointment) -> None:
    ContactPoint.objects.update(consent=False)
    step = remind(visit)
    poll_reminders()
    assert stands(step) == ("taken", "")
    assert Message.objects.values_list("state", "reason").get() == ("skipped", "no_consent")


def test_one_bad_record_does_not_stop_the_batch(
    place: SmallClinic, lena: Patient, book: Book, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    reachable(place.patients[1], phone="+12125550143", email="")
    good, bad, along = remind(book(10, patient=1)), remind(book(12)), remind(book(13))

    def tell(tellings: list[Telling]) -> list[Message]:
        if any(telling.visit == bad.visit for telling in tellings):
            raise ValueError(lena.family_name)
        return tell_all(tellings)

    monkeypatch.setattr(polling, "tell_all", tell)
    with caplog.at_level(logging.ERROR):
        polled = poll_reminders()
    assert [stands(step) for step in (good, bad, along)] == [
        ("taken", ""),
        ("skipped", "cannot_be_written"),
        ("taken", ""),
    ]
    assert (polled.taken, polled.broken) == (2, 1)
    assert str(bad.pk) in caplog.text
    assert lena.family_name not in caplog.text


def test_a_full_queue_pauses_the_poll_for_a_minute(visit: Appointment, monkeypatch: pytest.MonkeyPatch) -> None:
    step = remind(visit)
    remind(visit, 60, due=-0.5)
    monkeypatch.setattr(polling, "MOST_QUEUED", 0)
    assert poll_reminders().taken == 1
    again = remind(visit, 30)
    polled = poll_reminders()
    assert polled.paused_until is not None
    assert polled.paused_until - timezone.now() > dt.timedelta(seconds=55)
    assert Progress.objects.get().paused_until == polled.paused_until
    assert (stands(step)[0], stands(again)[0]) == ("skipped", "planned")
    Message.objects.update(state="skipped", reason="expired")
    assert poll_reminders().taken == 1
    assert Progress.objects.get().paused_until is None


def test_a_poll_takes_so_many_and_says_that_there_may_be_more(place: SmallClinic, book: Book) -> None:
    for number in range(3):
        remind(book(10 + number, patient=number))
    polled = poll_reminders(limit=2, per_commit=1)
    assert (polled.taken, polled.is_full) == (2, True)
    polled = poll_reminders(limit=2, per_commit=1)
    assert (polled.taken, polled.is_full) == (1, False)


def test_the_progress_says_how_far_and_how_long(visit: Appointment) -> None:
    step = remind(visit)
    poll_reminders()
    progress = Progress.objects.get(name="reminder poll")
    assert (progress.rows, progress.last_processed_at, progress.paused_until) == (1, step.due_at, None)
    assert progress.turned_at is not None


def test_a_message_that_tells_the_step_already_is_not_written_again(visit: Appointment) -> None:
    """Complaint 13: the same message every hour, because what was sent was looked for in the wrong place."""
    step = remind(visit)
    poll_reminders()
    Reminder.objects.filter(pk=step.pk).delete()
    again = remind(visit)
    poll_reminders()
    assert Message.objects.count() == 1
    again.refresh_from_db()
    assert again.message_id == Message.objects.get().pk


def test_a_row_that_was_committed_late_is_found(visit: Appointment, book: Book) -> None:
    other = book(12, days=20)
    remind(visit, due=-1)
    poll_reminders()
    late = remind(other, due=-90)
    assert isinstance(late.pk, uuid.UUID)
    assert poll_reminders().taken == 1


def test_a_batch_costs_as_many_statements_as_one_reminder(place: SmallClinic, book: Book) -> None:
    counts: list[int] = []
    for hours_of_persons in ({10: 0}, {11: 0, 12: 1, 13: 2}):
        for hour, person in hours_of_persons.items():
            remind(book(hour, days=10 + len(counts) * 3, patient=person))
        with CaptureQueriesContext(connection) as queries:
            assert poll_reminders().taken == len(hours_of_persons)
        counts.append(len([query for query in queries if "notifications_progress" not in query["sql"]]))
    assert abs(counts[0] - counts[1]) <= 2  # savepoints round the progress, written anew or again
