"""What is written when a displaced visit's patient is asked whether a new time will do, and when nobody asks any more."""

import datetime as dt

import pytest
from django.utils import timezone

from appointments.events import ProposalMade, ProposalWithdrawn
from appointments.models import Appointment, DisplacedVisit
from notifications.handlers import write_proposal, write_proposal_over
from notifications.models import Kind, Message, MessagePolicy
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.notifications.asked import proposed, told_fact

from .sending.conftest import Services, services, sms

__all__ = ["services", "sms"]

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _by_day(place: SmallClinic) -> None:
    MessagePolicy.objects.create(clinic=place.clinic, quiet_from=dt.time(8), quiet_until=dt.time(8))


def _kinds() -> list[tuple[str, str, str]]:
    return [(message.kind, message.state, message.reason) for message in Message.objects.order_by("id")]


def _settle(displaced: DisplacedVisit, state: str) -> None:
    DisplacedVisit.objects.filter(pk=displaced.pk).update(state=state)


def test_a_proposal_tells_both_times(place: SmallClinic, lena: Patient, visit: Appointment, services: Services) -> None:
    displaced = proposed(place, visit)
    for _ in range(2):
        write_proposal(told_fact(ProposalMade(displaced.pk)))
    services.send()
    message = Message.objects.get()
    assert (message.kind, message.state, message.urgent) == (Kind.PROPOSAL, "sent", False)
    assert (message.visit_id, message.visit_starts_at) == (visit.pk, visit.starts_at)
    assert "10:00 AM" in message.body
    assert "2:00 PM" in message.body


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("accepted", "proposal_answered"),
        ("declined", "proposal_answered"),
        ("lapsed", "proposal_ran_out"),
        ("restored", "proposal_withdrawn"),
        ("to_call", "proposal_withdrawn"),
    ],
)
def test_a_proposal_that_was_settled_before_it_was_sent_is_not_sent(
    place: SmallClinic, lena: Patient, visit: Appointment, services: Services, state: str, why: str
) -> None:
    displaced = proposed(place, visit)
    write_proposal(told_fact(ProposalMade(displaced.pk)))
    _settle(displaced, state)
    services.send()
    write_proposal_over(told_fact(ProposalWithdrawn(displaced.pk)))
    assert _kinds() == [("proposal", "skipped", why)]
    assert not services.sms.letters


@pytest.mark.parametrize(("state", "told"), [("restored", True), ("to_call", False), ("lapsed", False)])
def test_whoever_was_asked_is_told_that_the_visit_stays(
    place: SmallClinic, lena: Patient, visit: Appointment, services: Services, state: str, told: bool
) -> None:
    displaced = proposed(place, visit)
    write_proposal(told_fact(ProposalMade(displaced.pk)))
    services.send()
    _settle(displaced, state)
    for _ in range(2):
        write_proposal_over(told_fact(ProposalWithdrawn(displaced.pk)))
    services.send()
    assert _kinds() == [("proposal", "sent", ""), ("proposal_over", "sent", "")][: 1 + told]
    if told:
        assert "stays as it was" in Message.objects.get(kind="proposal_over").body


def test_a_cancelled_visit_is_not_asked_about(
    place: SmallClinic, lena: Patient, visit: Appointment, services: Services
) -> None:
    displaced = proposed(place, visit)
    write_proposal(told_fact(ProposalMade(displaced.pk)))
    Appointment.objects.filter(pk=visit.pk).update(
        status="cancelled", cancellation_reason="clinic_other", ended_at=timezone.now()
    )
    services.send()
    assert _kinds() == [("proposal", "skipped", "visit_cancelled")]
