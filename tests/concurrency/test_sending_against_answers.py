"""No offer is begun to be told after its end was committed, and two clicks on one link take a time once."""

import threading
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment, WaitlistOffer
from appointments.services.booking import Caller
from appointments.services.waitlist.answering import decline_offer
from notifications.models import Kind, Message
from notifications.services.sending import claiming, send_due
from notifications.services.telling import Telling
from notifications.services.writing import tell_one
from tests.appointments.conftest import SmallClinic
from tests.concurrency.racing import race
from tests.concurrency.test_sending_against_changes import Quick, service, slow_decisions
from tests.factories import ContactPointFactory
from tests.notifications.linked import linked_offer
from tests.notifications.pages.test_link_pages import checked
from tests.notifications.waiting import made_offer

__all__ = ["service"]

pytestmark = pytest.mark.race

PATIENT = Caller(None, patients_own=True)


@pytest.fixture
def message(place: SmallClinic) -> Message:
    """A queued message that makes an offer."""
    ContactPointFactory.create(patient=place.patients[0], value="+12125550142")
    offer = made_offer(place)
    with transaction.atomic():
        return tell_one(Telling(kind=Kind.OFFER, offer=offer, urgent=True, expires_at=offer.expires_at))


def begun_unseen(message: Message) -> bool:
    """Say no between look and decision; return whether the message was begun although the no did not see it."""
    assert message.offer_id is not None
    offer_id, looked, ended = message.offer_id, threading.Event(), threading.Event()

    def declining() -> bool:
        looked.wait(5)
        try:
            with transaction.atomic():
                decline_offer(offer_id=offer_id, caller=PATIENT)
                return Message.objects.get(pk=message.pk).last_attempt_at is not None
        finally:
            ended.set()

    with slow_decisions(ended, looked):
        _, seen = race([lambda: bool(send_due(stay=False)), declining])
    return Message.objects.get(pk=message.pk).last_attempt_at is not None and not seen


def test_an_end_waits_until_the_send_has_begun_or_forbids_it(service: Quick, message: Message) -> None:
    assert not begun_unseen(message)


def test_without_the_lock_an_offer_is_told_after_it_ended(
    service: Quick, message: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(claiming, "share_asked", lambda _message: True)
    assert begun_unseen(message)


def test_clicks_at_once_take_the_time_once(place: SmallClinic) -> None:
    offer = made_offer(place)
    token = linked_offer(offer)
    client = checked(token)

    def click() -> int:
        browser: Any = Client()
        browser.cookies = client.cookies
        return int(browser.post(f"/a/{token}/accept/").status_code)

    assert race([click] * 8) == [303] * 8
    assert WaitlistOffer.objects.get(pk=offer.pk).state == "accepted"
    visits = Appointment.objects.filter(patient=offer.entry.patient_id, status="booked")
    assert [visit.starts_at for visit in visits] == [offer.starts_at]
    assert offer.starts_at > timezone.now()
