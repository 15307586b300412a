"""What is written when somebody is offered a time, and when that offer is over."""

import pytest

from appointments.events import OfferEnded, OfferMade
from notifications.channels.port import Undeliverable
from notifications.handlers import write_offer, write_offer_over
from notifications.models import Kind, Message
from patients.models import Patient
from tests.appointments.conftest import SmallClinic
from tests.notifications.asked import end, offered, told_fact, wish

from .sending.conftest import Services, services, sms

__all__ = ["services", "sms"]

pytestmark = pytest.mark.django_db


def _kinds() -> list[tuple[str, str, str]]:
    return [(message.kind, message.state, message.reason) for message in Message.objects.order_by("id")]


def test_an_offer_is_told_at_once_with_its_time_and_until_when(
    place: SmallClinic, lena: Patient, services: Services
) -> None:
    offer = offered(place)
    write_offer(told_fact(OfferMade(offer.pk)))
    message = Message.objects.get()
    assert (message.kind, message.patient_id, message.visit_id) == (Kind.OFFER, lena.pk, None)
    assert (message.urgent, message.expires_at, message.visit_starts_at) == (True, offer.expires_at, offer.starts_at)
    services.send()
    message.refresh_from_db()
    assert message.state == "sent"
    assert "9:00 AM" in message.body
    assert "/a/" in message.body
    assert message.body.startswith(place.clinic.name)


def test_told_again_it_is_written_once(place: SmallClinic, lena: Patient) -> None:
    offer = offered(place)
    for _ in range(2):
        write_offer(told_fact(OfferMade(offer.pk)))
    assert len(_kinds()) == 1


def test_somebody_who_can_be_written_to_nowhere_is_kept_with_the_reason(place: SmallClinic) -> None:
    write_offer(told_fact(OfferMade(offered(place).pk)))
    assert _kinds() == [("offer", "skipped", "no_address")]


@pytest.mark.parametrize(
    ("state", "why"),
    [
        ("declined", "offer_answered"),
        ("expired", "offer_ran_out"),
        ("overtaken", "offer_taken"),
        ("withdrawn", "offer_withdrawn"),
    ],
)
def test_an_offer_that_ended_before_it_was_sent_is_not_sent(
    place: SmallClinic, lena: Patient, services: Services, state: str, why: str
) -> None:
    early, late = offered(place), offered(place, wish(place, place.patients[1]), hour=11)
    write_offer(told_fact(OfferMade(early.pk)))
    end(early, state)
    services.send()  # the fact of its end comes later
    end(late, state)
    write_offer(told_fact(OfferMade(late.pk)))
    write_offer_over(told_fact(OfferEnded(early.pk)))
    assert _kinds() == [("offer", "skipped", why)] * 2
    assert not services.sms.letters


def test_what_is_queued_is_taken_back_when_the_offer_ends(place: SmallClinic, lena: Patient) -> None:
    offer = offered(place)
    write_offer(told_fact(OfferMade(offer.pk)))
    end(offer, "withdrawn", why="undone")
    write_offer_over(told_fact(OfferEnded(offer.pk)))
    assert _kinds() == [("offer", "skipped", "offer_withdrawn")]


@pytest.mark.parametrize(
    ("state", "entry", "kinds"),
    [
        ("withdrawn", "waiting", ["offer", "offer_over"]),
        ("withdrawn", "withdrawn", ["offer"]),
        ("expired", "waiting", ["offer"]),
        ("overtaken", "waiting", ["offer"]),
        ("declined", "waiting", ["offer"]),
    ],
)
def test_only_what_the_clinic_took_back_is_told_once_it_was_sent(
    place: SmallClinic, lena: Patient, services: Services, state: str, entry: str, kinds: list[str]
) -> None:
    offer = offered(place)
    write_offer(told_fact(OfferMade(offer.pk)))
    services.send()
    end(offer, state)
    closed = {"closed_at": offer.ended_at} if entry == "withdrawn" else {}
    type(offer.entry).objects.filter(pk=offer.entry_id).update(state=entry, **closed)
    for _ in range(2):
        write_offer_over(told_fact(OfferEnded(offer.pk)))
    services.send()
    assert _kinds() == [(kind, "sent", "") for kind in kinds]
    if len(kinds) == 2:
        assert "You keep your place on the list" in Message.objects.get(kind="offer_over").body


def test_an_offer_that_would_move_a_visit_says_what_is_given_up(
    place: SmallClinic, lena: Patient, services: Services, visit: object
) -> None:
    offer = offered(place, wish(place, lena, appointment=visit))
    write_offer(told_fact(OfferMade(offer.pk)))
    services.send()
    assert "instead of" in Message.objects.get(kind="offer").body


def test_an_offer_that_the_phone_does_not_take_goes_by_mail_while_it_stands(
    place: SmallClinic, lena: Patient, services: Services
) -> None:
    services.sms.raises(Undeliverable("twilio-30005"))
    offer = offered(place)
    write_offer(told_fact(OfferMade(offer.pk)))
    services.send(turns=2)
    assert [(one.channel, one.state) for one in Message.objects.order_by("id")] == [
        ("sms", "undelivered"),
        ("email", "sent"),
    ]
