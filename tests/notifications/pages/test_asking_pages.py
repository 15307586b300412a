"""The pages of an offer, of a proposal and of a place in line: what they show, and what each step does once."""

import datetime as dt
import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from appointments.models import Appointment, DisplacedVisit, WaitlistEntry, WaitlistOffer
from notifications.models import Kind
from notifications.pages.visits import REFRESH_SECONDS
from tests.appointments.conftest import SmallClinic
from tests.notifications.asked import end, numbered, proposed
from tests.notifications.linked import booked, linked, linked_offer
from tests.notifications.pages.test_link_pages import CANARY, RIGHT, checked
from tests.notifications.waiting import made_offer, made_proposal

pytestmark = pytest.mark.django_db


@pytest.fixture
def offer(place: SmallClinic) -> WaitlistOffer:
    """A time that is really held for the clinic's first patient."""
    return made_offer(place)


def _text(response: Any) -> str:
    return re.sub(r"\s+", " ", str(response.content.decode()).replace("\N{NO-BREAK SPACE}", " "))


def _state(offer: WaitlistOffer) -> str:
    return WaitlistOffer.objects.get(pk=offer.pk).state


def test_the_page_of_an_offer_says_the_time_and_until_when_and_nothing_of_the_patient(
    place: SmallClinic, offer: WaitlistOffer
) -> None:
    response = Client().get(f"/a/{linked_offer(offer)}/")
    text = _text(response)
    assert response.status_code == 200
    for said in (
        place.clinic.name,
        "A time is free for you",
        "Take this time",
        "No, thank you",
        "It is kept for you until",
    ):
        assert said in text
    assert not CANARY.search(text)


def test_what_is_given_up_is_said_where_it_would_move_a_visit(place: SmallClinic) -> None:
    visit = booked(place, hour=15, days=9)
    offer = made_offer(place, appointment=visit)
    text = _text(Client().get(f"/a/{linked_offer(offer)}/"))
    assert "You would give up your visit on" in text
    assert "3:00 PM" in text


def test_opening_pages_of_an_offer_changes_nothing(offer: WaitlistOffer) -> None:
    token = linked_offer(offer)
    for client in (Client(), checked(token)):
        for page in ("", "accept/", "decline/", "leave/", "check/"):
            client.get(f"/a/{token}/{page}")
            client.head(f"/a/{token}/{page}")
    assert _state(offer) == "offered"


@pytest.mark.parametrize("step", ["accept", "leave"])
def test_nothing_is_taken_or_given_up_without_the_birth_date(offer: WaitlistOffer, step: str) -> None:
    token = linked_offer(offer)
    response = Client().post(f"/a/{token}/{step}/")
    assert "Date of birth" in _text(response)
    assert not CANARY.search(_text(response))
    assert _state(offer) == "offered"


def test_the_birth_date_leads_on_and_two_clicks_take_the_time_once(offer: WaitlistOffer) -> None:
    token, client = linked_offer(offer), Client()
    response = client.post(f"/a/{token}/check/", RIGHT | {"on": "accept"})
    assert (response.status_code, response["Location"]) == (303, f"/a/{token}/accept/")
    assert "Yes, take this time" in _text(client.get(f"/a/{token}/accept/"))
    for _ in range(2):
        response = client.post(f"/a/{token}/accept/")
        assert (response.status_code, response["Location"]) == (303, f"/a/{token}/")
    assert _state(offer) == "accepted"
    assert Appointment.objects.filter(patient=offer.entry.patient).count() == 1
    assert "You took this time" in _text(client.get(f"/a/{token}/"))


def test_a_no_keeps_the_place_and_is_said_once(offer: WaitlistOffer) -> None:
    token, client = linked_offer(offer), Client()
    for _ in range(2):
        assert client.post(f"/a/{token}/decline/").status_code == 303
    assert _state(offer) == "declined"
    assert WaitlistEntry.objects.get(pk=offer.entry_id).state == "waiting"
    text = _text(client.get(f"/a/{token}/"))
    assert "You said no to this time" in text
    assert "You are still on the list, at the same place" in text


@pytest.mark.parametrize("ended", [False, True])
def test_the_list_is_left_whatever_became_of_the_offer(offer: WaitlistOffer, ended: bool) -> None:
    token = linked_offer(offer)
    if ended:
        Client().post(f"/a/{token}/decline/")
    client = checked(token)
    assert "Offer me no more times" in _text(client.get(f"/a/{token}/leave/"))
    for _ in range(2):
        assert client.post(f"/a/{token}/leave/").status_code == 303
    assert WaitlistEntry.objects.get(pk=offer.entry_id).state == "withdrawn"
    assert "no longer on the list" in _text(client.get(f"/a/{token}/"))


@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("expired", "The time to answer was over"),
        ("overtaken", "Somebody else was first"),
        ("withdrawn", "The clinic had to take it back"),
    ],
)
def test_an_offer_that_is_over_says_so_and_what_to_do(offer: WaitlistOffer, state: str, said: str) -> None:
    token = linked_offer(end(offer, state))
    WaitlistEntry.objects.filter(pk=offer.entry_id).update(state="waiting")
    response = Client().get(f"/a/{token}/")
    assert response.status_code == 410
    assert said in _text(response)
    assert "at the same place" in _text(response)


def test_a_yes_that_comes_too_late_is_counted_and_keeps_the_place(offer: WaitlistOffer) -> None:
    token = linked_offer(offer)
    client = checked(token)
    WaitlistOffer.objects.filter(pk=offer.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    response = client.post(f"/a/{token}/accept/")
    assert response.status_code == 409
    assert "The time to answer was over" in _text(response)
    assert WaitlistOffer.objects.get(pk=offer.pk).too_late_at is not None
    assert not Appointment.objects.filter(patient=offer.entry.patient).exists()


def test_the_link_of_an_offer_leads_nowhere_once_its_day_is_over(offer: WaitlistOffer) -> None:
    token = linked_offer(offer)
    ago = timezone.now() - dt.timedelta(days=2)
    WaitlistOffer.objects.filter(pk=offer.pk).update(
        starts_at=ago, ends_at=ago + dt.timedelta(hours=1), expires_at=ago, state="expired", ended_at=ago
    )
    assert Client().get(f"/a/{token}/").status_code == 404


def test_what_an_offer_has_not_is_not_there(offer: WaitlistOffer) -> None:
    token = linked_offer(offer)
    client = checked(token)
    for step in ("1/confirm", "1/cancel", "1/move", "1/call"):
        assert client.post(f"/a/{token}/{step}/").status_code == 404


# Of a visit that time off displaced.


@pytest.fixture
def displaced(place: SmallClinic) -> DisplacedVisit:
    """A displaced visit whose new time is really held."""
    return made_proposal(place, booked(place))


def _asked(displaced: DisplacedVisit) -> str:
    visit = Appointment.objects.get(pk=displaced.appointment_id)
    return linked(visit, kind=Kind.PROPOSAL, displaced_visit=displaced)


def test_a_proposal_shows_both_times_and_nothing_of_the_patient(displaced: DisplacedVisit) -> None:
    text = _text(Client().get(f"/a/{_asked(displaced)}/"))
    for said in ("Another time for your visit", "10:00 AM", "2:00 PM", "Yes, this time suits me", "No, please call me"):
        assert said in text
    assert not CANARY.search(text)


def test_a_yes_moves_the_visit_once(displaced: DisplacedVisit) -> None:
    token = _asked(displaced)
    client = checked(token)
    for _ in range(2):
        assert client.post(f"/a/{token}/accept/").status_code == 303
    visit = Appointment.objects.get(pk=displaced.appointment_id)
    assert (visit.starts_at, visit.displaced) == (displaced.proposed_starts_at, False)
    assert "Your visit has a new time" in _text(client.get(f"/a/{token}/"))


def test_a_no_asks_for_a_call(displaced: DisplacedVisit) -> None:
    token = _asked(displaced)
    for _ in range(2):
        assert Client().post(f"/a/{token}/decline/").status_code == 303
    assert DisplacedVisit.objects.get(pk=displaced.pk).state == "declined"
    assert "The clinic will call you" in _text(Client().get(f"/a/{token}/"))


def test_a_proposal_moves_nothing_without_the_birth_date(displaced: DisplacedVisit) -> None:
    token = _asked(displaced)
    assert "Date of birth" in _text(Client().post(f"/a/{token}/accept/"))
    assert DisplacedVisit.objects.get(pk=displaced.pk).state == "asked"


@pytest.mark.parametrize(
    ("state", "status", "said"),
    [
        ("lapsed", 410, "the clinic will call you, or you call the clinic"),
        ("to_call", 200, "The clinic will call you"),
        ("restored", 200, "Your visit stays as it was"),
        ("cancelled", 410, "does not take place"),
        ("moved", 200, "This is the time of your visit now"),
    ],
)
def test_a_proposal_that_is_settled_says_how(place: SmallClinic, state: str, status: int, said: str) -> None:
    displaced = proposed(place, booked(place))
    token = _asked(displaced)
    DisplacedVisit.objects.filter(pk=displaced.pk).update(state=state)
    response = Client().get(f"/a/{token}/")
    assert response.status_code == status
    assert said in _text(response)


def test_a_yes_to_a_proposal_that_is_over_says_so(displaced: DisplacedVisit) -> None:
    token = _asked(displaced)
    client = checked(token)
    DisplacedVisit.objects.filter(pk=displaced.pk).update(expires_at=timezone.now() - dt.timedelta(seconds=1))
    response = client.post(f"/a/{token}/accept/")
    assert response.status_code == 409
    assert "The time to answer is over" in _text(response)


def test_the_link_of_a_displaced_visit_does_not_ask_to_come(place: SmallClinic) -> None:
    visit = booked(place)
    token = linked(visit)
    made_proposal(place, visit)
    text = _text(Client().get(f"/a/{token}/"))
    assert "Yes, I will come" not in text
    assert "cannot see you at this time after all" in text


# Of somebody who has come.


@pytest.fixture
def here(place: SmallClinic) -> Appointment:
    """A visit of this hour whose patient has come and has number 12; two others came before."""
    visits = [booked(place, hour=10 + number, patient=number) for number in (1, 2, 0)]
    now = timezone.now()
    for number, visit in enumerate(visits):
        begin = now + dt.timedelta(minutes=30 * number)
        columns: dict[str, Any] = {
            "starts_at": begin,
            "ends_at": begin + dt.timedelta(minutes=30),
            "status": "arrived",
            "arrived_at": now - dt.timedelta(minutes=30 - number),
        }
        Appointment.objects.filter(pk=visit.pk).update(**columns)
    mine = Appointment.objects.get(pk=visits[-1].pk)
    numbered(mine)
    return mine


def test_whoever_has_come_sees_the_place_in_line_and_it_keeps_itself_up_to_date(here: Appointment) -> None:
    token = linked(here)
    response = Client().get(f"/a/{token}/")
    text = _text(response)
    assert re.search(r"Your place in line: <strong>third</strong>", text)
    assert re.search(r"Your number</span> <strong class=\"time\">12", text)
    assert response["Refresh"] == str(REFRESH_SECONDS)
    assert not CANARY.search(text)
    still = Client().get(f"/a/{token}/?still=1")
    assert "Refresh" not in still


def test_nobody_is_told_of_a_line_who_is_not_in_it(here: Appointment) -> None:
    Appointment.objects.filter(pk=here.pk).update(status="roomed")
    response = Client().get(f"/a/{linked(here)}/")
    assert "place in line" not in _text(response)
    assert "Refresh" not in response


def test_the_message_kind_is_no_matter_to_the_line(here: Appointment) -> None:
    assert "third" in _text(Client().get(f"/a/{linked(here, kind=Kind.PLACE)}/"))
