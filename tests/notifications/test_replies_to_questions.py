"""A text that answers an offer or a proposal: yes, no, too late, and which of two questions it answers."""

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, WaitlistEntry, WaitlistOffer
from notifications.models import Kind, Message, Reply
from patients.models import Patient
from providers.models import PractitionerRole, Provider
from tests.appointments.conftest import SmallClinic, open_always
from tests.notifications.asked import end, offered, wish
from tests.notifications.conftest import Book
from tests.notifications.heard import says, told
from tests.notifications.waiting import made_offer, made_proposal

pytestmark = pytest.mark.django_db


def told_offer(offer: WaitlistOffer, **columns: Any) -> Message:
    """Return a text that made this offer, sent just now."""
    words: dict[str, Any] = {
        "kind": Kind.OFFER,
        "offer": offer,
        "language": "en",
        "clinic": offer.entry.clinic,
        "patient": offer.entry.patient,
        "visit_version": None,
        "visit_starts_at": offer.starts_at,
        "expires_at": offer.expires_at,
    }
    return told(None, **(words | columns))  # type: ignore[arg-type]  # of no visit


def told_proposal(displaced: DisplacedVisit) -> Message:
    """Return a text that proposed this time, sent just now."""
    visit = Appointment.objects.get(pk=displaced.appointment_id)
    return told(visit, kind=Kind.PROPOSAL, displaced_visit=displaced, expires_at=displaced.expires_at)


def _result(reply: Reply) -> tuple[str, str, str]:
    return (reply.meaning, reply.state, reply.reason)


@pytest.fixture
def offer(place: SmallClinic, lena: Patient) -> WaitlistOffer:
    """A time that is really held for Lena."""
    return made_offer(place, lena)


@pytest.mark.parametrize("words", ["1", "C", "Sí, gracias", "ok", "👍"])
def test_yes_takes_the_offered_time(offer: WaitlistOffer, words: str) -> None:
    told_offer(offer)
    assert _result(says(words)) == ("accept", "acted", "")
    offer.refresh_from_db()
    assert offer.state == "accepted"
    assert offer.appointment is not None
    assert (offer.appointment.starts_at, offer.appointment.source) == (offer.starts_at, "patient")


@pytest.mark.parametrize("words", ["2", "R", "No, thank you", "no gracias", "👎"])
def test_no_gives_it_to_the_next_and_keeps_the_place(offer: WaitlistOffer, words: str) -> None:
    told_offer(offer)
    assert _result(says(words)) == ("decline", "acted", "")
    offer.refresh_from_db()
    assert (offer.state, WaitlistEntry.objects.get(pk=offer.entry_id).state) == ("declined", "waiting")
    assert not Message.objects.filter(answers__isnull=False).exists()


def test_whoever_wants_a_call_says_neither(offer: WaitlistOffer) -> None:
    told_offer(offer)
    assert _result(says("call me")) == ("call", "open", "asked_by_reply")
    offer.refresh_from_db()
    assert offer.state == "offered"


def test_what_is_not_understood_is_left_to_a_person(offer: WaitlistOffer) -> None:
    told_offer(offer)
    assert _result(says("which doctor is it?")) == ("unclear", "open", "unclear_words")
    assert Reply.objects.get().clinic_id == offer.entry.clinic_id


@pytest.mark.parametrize("how", ["expired", "overtaken", "ran out"])
def test_a_late_yes_is_told_that_the_time_is_gone_and_the_place_kept(offer: WaitlistOffer, how: str) -> None:
    told_offer(offer)
    if how == "ran out":
        WaitlistOffer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    else:
        end(offer, how)
        WaitlistEntry.objects.filter(pk=offer.entry_id).update(state="waiting")
    for _ in range(2):
        assert _result(says("1")) == ("accept", "acted", "")
    answers = Message.objects.filter(answers__isnull=False)
    assert [(message.kind, message.offer_id, message.urgent) for message in answers] == [("offer_over", offer.pk, True)]
    assert WaitlistOffer.objects.get(pk=offer.pk).too_late_at is not None


def test_a_late_yes_of_somebody_who_left_the_list_waits_for_a_person(offer: WaitlistOffer) -> None:
    told_offer(offer)
    end(offer, "withdrawn")
    WaitlistEntry.objects.filter(pk=offer.entry_id).update(state="withdrawn", closed_at=timezone.now())
    assert _result(says("1")) == ("accept", "open", "cannot_be_taken")


def test_a_yes_that_cannot_be_booked_waits_for_a_person(place: SmallClinic, offer: WaitlistOffer, book: Book) -> None:
    told_offer(offer)
    elsewhere = book(15, days=4)
    Appointment.objects.filter(pk=elsewhere.pk).update(
        starts_at=offer.starts_at, ends_at=offer.ends_at, provider=_another(place)
    )
    assert _result(says("1")) == ("accept", "open", "cannot_be_taken")
    offer.refresh_from_db()
    assert offer.state == "offered"


def _another(place: SmallClinic) -> Provider:
    provider: Provider = Provider.objects.create(name="Dr. Ines Sol")
    PractitionerRole.objects.create(provider=provider, clinic=place.clinic)
    open_always(provider, place.clinic)
    return provider


def test_an_offer_that_stands_is_answered_before_an_older_question(
    place: SmallClinic, offer: WaitlistOffer, visit: Appointment
) -> None:
    told(visit, kind=Kind.REMINDER, lead_minutes=60, sent_at=timezone.now() - dt.timedelta(hours=2))
    told_offer(offer)
    assert _result(says("1")) == ("accept", "acted", "")
    visit.refresh_from_db()
    assert visit.status == "booked"


def test_a_later_question_beside_an_offer_that_stands_could_be_either(offer: WaitlistOffer, visit: Appointment) -> None:
    told_offer(offer, sent_at=timezone.now() - dt.timedelta(minutes=5))
    told(visit, kind=Kind.REMINDER, lead_minutes=60)
    assert _result(says("1")) == ("confirm", "open", "two_visits")
    offer.refresh_from_db()
    assert offer.state == "offered"


def test_once_the_offer_is_over_the_later_question_is_answered(offer: WaitlistOffer, visit: Appointment) -> None:
    told_offer(end(offer, "expired"), sent_at=timezone.now() - dt.timedelta(minutes=5))
    told(visit, kind=Kind.REMINDER, lead_minutes=60)
    assert _result(says("1")) == ("confirm", "acted", "")


def test_two_offers_to_one_phone_could_be_either(place: SmallClinic, offer: WaitlistOffer) -> None:
    other = offered(place, wish(place, place.patients[2]), hour=16)
    told_offer(offer)
    told_offer(other)
    assert _result(says("1")) == ("confirm", "open", "two_visits")


def test_yes_moves_a_displaced_visit(place: SmallClinic, visit: Appointment) -> None:
    displaced = made_proposal(place, visit)
    told_proposal(displaced)
    for _ in range(2):
        assert _result(says("1")) == ("accept", "acted", "")
    visit.refresh_from_db()
    assert visit.starts_at == displaced.proposed_starts_at


@pytest.mark.parametrize("words", ["2", "no", "call me"])
def test_no_to_a_proposal_is_answered_by_a_call(place: SmallClinic, visit: Appointment, words: str) -> None:
    displaced = made_proposal(place, visit)
    told_proposal(displaced)
    assert _result(says(words)) == ("decline", "acted", "")
    assert DisplacedVisit.objects.get(pk=displaced.pk).state == "declined"
    assert Message.objects.get(answers__isnull=False).kind == Kind.WILL_CALL


def test_a_late_yes_to_a_proposal_is_called(place: SmallClinic, visit: Appointment) -> None:
    displaced = made_proposal(place, visit)
    told_proposal(displaced)
    DisplacedVisit.objects.filter(pk=displaced.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    assert _result(says("1")) == ("accept", "open", "cannot_be_taken")
    assert Message.objects.get(answers__isnull=False).kind == Kind.WILL_CALL


def test_a_displaced_visit_is_not_confirmed(place: SmallClinic, visit: Appointment) -> None:
    told(visit)
    Appointment.objects.filter(pk=visit.pk).update(displaced=True)
    assert _result(says("1")) == ("confirm", "open", "visit_displaced")
