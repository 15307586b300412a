"""The link of an offer, of a proposal and of a place in line in real browsers: on a phone, dark, in Spanish, without scripts."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from appointments.models import Appointment, DisplacedVisit, WaitlistOffer
from notifications.models import Kind
from tests.appointments.conftest import SmallClinic, small_clinic
from tests.browser.conftest import OpenPage
from tests.browser.sizes import PHONE
from tests.browser.test_links import give_birth_date
from tests.notifications.asked import numbered
from tests.notifications.linked import booked, linked, linked_offer
from tests.notifications.waiting import made_offer, made_proposal


@pytest.fixture
def clinic(transactional_db: None) -> SmallClinic:
    """A clinic with an address, committed."""
    place = small_clinic()
    place.clinic.name = "Harbour Family Clinic"
    place.clinic.address = "12 Harbour Street, New York, NY 10004"
    place.clinic.region = "US-NY"
    place.clinic.save()
    return place


def _here(place: SmallClinic) -> Appointment:
    """Return a visit of this hour whose patient has come after two others, and has a number."""
    visits = [booked(place, hour=10 + number, patient=number) for number in (1, 2, 0)]
    now = timezone.now()
    for number, visit in enumerate(visits):
        begin = now + dt.timedelta(minutes=30 * number)
        columns: dict[str, Any] = {"starts_at": begin, "ends_at": begin + dt.timedelta(minutes=30)}
        come: dict[str, Any] = {"status": "arrived", "arrived_at": now - dt.timedelta(minutes=30 - number)}
        Appointment.objects.filter(pk=visit.pk).update(**columns, **come)
    mine = Appointment.objects.get(pk=visits[-1].pk)
    numbered(mine)
    return mine


@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_an_offered_time_is_taken(open_page: OpenPage, clinic: SmallClinic, *, scripts: bool) -> None:
    offer = made_offer(clinic, appointment=booked(clinic, hour=15, days=9))
    page = open_page(PHONE, java_script_enabled=scripts)
    page.goto(f"/a/{linked_offer(offer)}/")
    expect(page.get_by_text("You would give up your visit")).to_be_visible()
    page.get_by_role("link", name="Take this time").click()
    give_birth_date(page)
    page.get_by_role("button", name="Yes, take this time").click()
    expect(page.get_by_role("heading", name="The time is yours")).to_be_visible()
    assert WaitlistOffer.objects.get(pk=offer.pk).state == "accepted"


def test_an_offer_is_declined_and_the_list_left(open_page: OpenPage, clinic: SmallClinic) -> None:
    offer = made_offer(clinic)
    page = open_page(PHONE)
    page.goto(f"/a/{linked_offer(offer)}/")
    page.get_by_role("button", name="No, thank you").click()
    expect(page.get_by_text("You are still on the list, at the same place.")).to_be_visible()
    page.get_by_role("link", name="Take me off the list").click()
    give_birth_date(page)
    page.get_by_role("button", name="Offer me no more times").click()
    expect(page.get_by_text("You are no longer on the list.")).to_be_visible()


@pytest.mark.parametrize("says_yes", [True, False])
def test_a_proposed_time_is_answered(open_page: OpenPage, clinic: SmallClinic, *, says_yes: bool) -> None:
    visit = booked(clinic)
    displaced = made_proposal(clinic, visit)
    page = open_page(PHONE)
    page.goto(f"/a/{linked(visit, kind=Kind.PROPOSAL, displaced_visit=displaced)}/")
    if says_yes:
        page.get_by_role("link", name="Yes, this time suits me").click()
        give_birth_date(page)
        page.get_by_role("button", name="Yes, take this time").click()
        expect(page.get_by_role("heading", name="Your visit has a new time")).to_be_visible()
    else:
        page.get_by_role("button", name="No, please call me").click()
        expect(page.get_by_role("heading", name="The clinic will call you")).to_be_visible()
    state = DisplacedVisit.objects.values_list("state", flat=True).get(pk=displaced.pk)
    assert state == ("accepted" if says_yes else "declined")


def _links(clinic: SmallClinic, language: str) -> dict[str, str]:
    """Return the links of an offer, a proposal and a place in line, in this language."""
    displaced_visit = booked(clinic, days=5)
    return {
        "offer": linked_offer(made_offer(clinic, appointment=booked(clinic, hour=15, days=9)), language=language),
        "proposal": linked(
            displaced_visit,
            kind=Kind.PROPOSAL,
            displaced_visit=made_proposal(clinic, displaced_visit),
            language=language,
        ),
        "line": linked(_here(clinic), kind=Kind.PLACE, language=language),
    }


@pytest.mark.parametrize("language", ["en", "es"])
def test_each_page_is_open_to_all_people_and_whole(
    open_page: OpenPage, clinic: SmallClinic, axe: Callable[[Page], None], language: str
) -> None:
    page = open_page(PHONE, color_scheme="dark" if language == "es" else "light")
    tokens = _links(clinic, language)
    pages = [(name, "") for name in tokens] + [("offer", "accept/"), ("offer", "leave/"), ("proposal", "accept/")]
    for name, address in pages:
        page.goto(f"/a/{tokens[name]}/{address}")
        assert page.locator("html").get_attribute("lang") == language
        axe(page)
        for scale in ("100%", "200%"):
            page.evaluate("size => document.documentElement.style.setProperty('font-size', size)", scale)
            overhang = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert overhang <= 0, f"{name} {address} runs off by {overhang} pixels at {scale}"
