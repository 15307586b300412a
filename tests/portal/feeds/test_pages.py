"""A provider's calendar given away: who may, what is shown once, and what stops it."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from appointments.models import CalendarFeed
from mediconnect.portal.once import new_key
from providers.models import Provider, Role
from tests.factories import MembershipFactory, ProviderFactory
from tests.portal.setup.conftest import House, browser_of, house_of, words

pytestmark = pytest.mark.django_db


@pytest.fixture
def house() -> House:
    return house_of("Harbour")


@pytest.fixture
def strangers() -> House:
    return house_of("Elsewhere")


def page_of(house: House, provider: Provider | None = None) -> str:
    return f"/clinics/{house.clinic.pk}/providers/{(provider or house.provider).pk}/calendars/"


def make(browser: Client, address: str, **said: str) -> Any:
    return browser.post(address, {"key": new_key(), "name": "My phone"} | said)


def address_in(page: Any) -> str:
    found = re.search(r"http://[^<\s]+/calendar/[\w-]+\.ics", page.content.decode())
    return found[0] if found else ""


def doctor_of(house: House) -> Client:
    user = MembershipFactory.create(clinic=house.clinic, role=Role.PROVIDER).user
    Provider.objects.filter(pk=house.provider.pk).update(user=user)
    return browser_of(user)


def test_an_address_is_made_shown_once_read_and_revoked(house: House) -> None:
    assert "No other program reads this calendar" in words(house.browser.get(page_of(house)))
    key = new_key()
    page = make(house.browser, page_of(house), key=key)
    address = address_in(page)
    assert Client().get(address.removeprefix("http://testserver")).status_code == 200
    again = house.browser.get(page_of(house))
    assert "My phone" in words(again)
    assert "Last read" in words(again)
    assert not address_in(again)
    assert make(house.browser, page_of(house), key=key).status_code == 303
    feed = CalendarFeed.objects.get()
    assert not feed.names_patients
    assert house.browser.post(f"{page_of(house)}{feed.pk}/revoke/", {"key": new_key()}).status_code == 303
    assert Client().get(address.removeprefix("http://testserver")).status_code == 404
    assert "My phone" not in words(house.browser.get(page_of(house)))


def test_names_are_said_where_they_were_asked_for(house: House) -> None:
    make(house.browser, page_of(house), names_patients="on")
    assert CalendarFeed.objects.get().names_patients
    assert "says who comes" in words(house.browser.get(page_of(house)))


def test_an_address_has_a_name(house: House) -> None:
    assert make(house.browser, page_of(house), name=" ").status_code == 422
    assert not CalendarFeed.objects.exists()


def test_a_provider_has_the_own_page_and_nobody_elses(house: House) -> None:
    doctor, other = doctor_of(house), ProviderFactory.create(clinic=house.clinic)
    assert "Your visits at all clinics" in words(doctor.get(page_of(house)))
    assert address_in(make(doctor, page_of(house)))
    assert doctor.get(page_of(house, other)).status_code == 404
    assert make(doctor, page_of(house, other)).status_code == 404


def test_a_front_desk_and_strangers_give_nothing_away(house: House, strangers: House) -> None:
    desk = browser_of(MembershipFactory.create(clinic=house.clinic, role=Role.FRONT_DESK).user)
    assert desk.get(page_of(house)).status_code == 403
    assert make(desk, page_of(house)).status_code == 403
    assert strangers.browser.get(page_of(house)).status_code == 404
    assert house.browser.get(page_of(house, strangers.provider)).status_code == 404
    make(strangers.browser, page_of(strangers))
    theirs = CalendarFeed.objects.get()
    assert house.browser.post(f"{page_of(house)}{theirs.pk}/revoke/", {"key": new_key()}).status_code == 404
    theirs.refresh_from_db()
    assert theirs.revoked_at is None


def test_an_admin_knows_nothing_of_feeds_that_another_clinic_made(house: House, strangers: House) -> None:
    shared = ProviderFactory.create(clinic=house.clinic)
    shared.roles.create(clinic=strangers.clinic)
    make(strangers.browser, page_of(strangers, shared), name="Their wall")
    assert "Their wall" in words(strangers.browser.get(page_of(strangers, shared)))
    assert "Their wall" not in words(house.browser.get(page_of(house, shared)))
    feed = CalendarFeed.objects.get()
    assert house.browser.post(f"{page_of(house, shared)}{feed.pk}/revoke/", {"key": new_key()}).status_code == 404


def test_the_providers_page_leads_there(house: House) -> None:
    page = house.browser.get(f"/clinics/{house.clinic.pk}/providers/{house.provider.pk}/")
    assert page_of(house) in page.content.decode()


def test_no_statement_per_row(house: House) -> None:
    counts = []
    for _ in range(3):
        make(house.browser, page_of(house))
        house.browser.get(page_of(house))
        with CaptureQueriesContext(connection) as asked:
            house.browser.get(page_of(house))
        counts.append(len(asked))
    assert len(set(counts)) == 1
