"""A message about several visits that reached nobody waits for each of them that is still to be told."""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit
from notifications.models import Message, Reminder
from notifications.queries.alerts import alerts_of
from tests.appointments.conftest import SmallClinic
from tests.factories import AppointmentFactory, MessageFactory, ReminderFactory
from tests.notifications.asked import end, offer_message, offered, proposed
from tests.notifications.conftest import Book

pytestmark = pytest.mark.django_db

LEAD = 180


def failed_about(*visits: Appointment) -> Message:
    """Write a reminder of the visits that could not be delivered."""
    first = visits[0]
    message = MessageFactory.create(
        visit=first, kind=Message.Kind.REMINDER, lead_minutes=LEAD, state="undelivered", reason="undeliverable"
    )
    for visit in visits:
        ReminderFactory.create(
            visit=visit, visit_version=visit.version, visit_starts_at=visit.starts_at, lead_minutes=LEAD,
            due_at=timezone.now(), state=Reminder.State.TAKEN, message=message, decided_at=timezone.now(),
        )  # fmt: skip
    return message


@pytest.fixture
def two() -> tuple[Appointment, Appointment]:
    """Two visits of one person, an hour apart."""
    first = AppointmentFactory.create()
    later = first.starts_at + dt.timedelta(hours=1)
    second = AppointmentFactory.create(
        clinic=first.clinic, provider=first.provider, appointment_type=first.appointment_type, patient=first.patient,
        starts_at=later, ends_at=later + dt.timedelta(minutes=30),
    )  # fmt: skip
    return first, second


def waiting(clinic_of: Appointment) -> list[set[object]]:
    return [set(alert.visits) for alert in alerts_of(clinic_of.clinic_id).messages]


def test_both_are_named(two: tuple[Appointment, Appointment]) -> None:
    failed_about(*two)
    assert waiting(two[0]) == [{two[0].pk, two[1].pk}]


def test_the_second_waits_when_the_first_is_cancelled(two: tuple[Appointment, Appointment]) -> None:
    failed_about(*two)
    Appointment.objects.filter(pk=two[0].pk).update(status="cancelled", cancellation_reason="clinic_other")
    assert waiting(two[0]) == [{two[1].pk}]


@pytest.mark.parametrize("along", [False, True])
def test_what_was_told_since_waits_no_more(two: tuple[Appointment, Appointment], along: bool) -> None:
    failed_about(*two)
    told = {"state": "sent", "sent_at": timezone.now(), "kind": Message.Kind.REMINDER, "lead_minutes": 60}
    message = MessageFactory.create(visit=two[1] if along else two[0], **told)
    if along:
        ReminderFactory.create(
            visit=two[0], visit_version=two[0].version, visit_starts_at=two[0].starts_at, lead_minutes=60,
            due_at=timezone.now(), state=Reminder.State.TAKEN, message=message, decided_at=timezone.now(),
        )  # fmt: skip
    assert waiting(two[0]) == ([] if along else [{two[1].pk}])


@pytest.mark.parametrize(("state", "reason"), [("undelivered", "undeliverable"), ("skipped", "no_address")])
def test_an_offer_that_reached_nobody_is_a_call_to_make_while_it_stands(
    place: SmallClinic, state: str, reason: str
) -> None:
    offer = offered(place)
    message = offer_message(offer, state=state, reason=reason)
    (alert,) = alerts_of(place.clinic.pk).messages
    assert (alert.id, alert.visits, alert.at) == (message.pk, frozenset(), offer.expires_at)
    assert not alerts_of(place.clinic.pk, provider=place.desk.pk).messages
    end(offer, "declined")
    assert not alerts_of(place.clinic.pk).messages


def test_an_offer_that_goes_another_way_is_no_call(place: SmallClinic) -> None:
    offer = offered(place)
    message = offer_message(offer, state="undelivered", reason="undeliverable")
    offer_message(offer, channel="email", instead_of=message)
    assert not alerts_of(place.clinic.pk).messages


@pytest.mark.parametrize(("state", "reason"), [("undelivered", "undeliverable"), ("skipped", "opted_out")])
def test_a_proposal_that_reached_nobody_is_a_call_to_make_while_it_stands(
    place: SmallClinic, book: Book, state: str, reason: str
) -> None:
    visit = book()
    displaced = proposed(place, visit)
    MessageFactory.create(
        visit=visit, kind=Message.Kind.PROPOSAL, displaced_visit=displaced, state=state, reason=reason
    )
    assert waiting(visit) == [{visit.pk}]
    DisplacedVisit.objects.filter(pk=displaced.pk).update(state="to_call")
    assert waiting(visit) == []
