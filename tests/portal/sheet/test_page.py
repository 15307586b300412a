"""The day sheet as a page of the portal."""

import datetime as dt
import re
import uuid
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mediconnect.portal.models import KeptSheet
from tests.factories import ContactPointFactory, MembershipFactory, PatientFactory, ProviderFactory, UserFactory
from tests.portal.reports.clinic import Week, at, member
from tests.portal.reports.clinic import week as another_week
from tests.portal.reports.test_pages import client_of, words


@pytest.fixture(name="desk")
def _desk(week: Week) -> Client:
    return client_of(member(week.clinic))


def address(week: Week, date: str = "2026-03-02", provider: object = "") -> str:
    return f"/clinics/{week.clinic.pk}/sheet/?date={date}&provider={provider}"


def expect_somebody(week: Week) -> Any:
    patient = PatientFactory.create(given_name="Lena", family_name="Moreau", birth_date=dt.date(1980, 5, 4))
    ContactPointFactory.create(patient=patient, value="+12125550101")
    return week.visit(at(2, 9), patient=patient, status="booked")


def test_it_has_a_page_for_each_provider_with_lines_to_write_on(week: Week, desk: Client) -> None:
    expect_somebody(week)
    other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg")
    week.open(at(2, 9), at(2, 10), other)
    response = desk.get(address(week))
    page = words(response)
    assert response.content.count(b'class="sheet-page"') == 2
    assert response.content.count(b'class="sheet-blank"') == 8
    assert "Monday, March 2, 2026" in page
    assert week.clinic.name in page
    assert "9:00 AM–9:30 AM" in page
    assert "Moreau, Lena" in page
    assert "born May 4, 1980" in page
    assert "(212) 555-0101" in page
    assert "9:30 AM–12:00 PM free, 2 h 30 min" in page
    assert "Hours: 9:00 AM–12:00 PM, 1:00 PM–5:00 PM" in page
    assert "As of" in page


def test_one_provider_can_be_chosen_and_others_stay_on_offer(week: Week, desk: Client) -> None:
    other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg")
    week.open(at(2, 9), at(2, 10), other)
    response = desk.get(address(week, provider=other.pk))
    assert response.content.count(b'class="sheet-page"') == 1
    assert "Dr. Amara Obi" in words(response)
    assert f'value="{other.pk}" selected' in response.content.decode()


@pytest.mark.parametrize("provider", ["nobody", uuid.UUID(int=7)])
def test_whoever_does_not_work_here_is_not_there(week: Week, desk: Client, provider: object) -> None:
    assert desk.get(address(week, provider=provider)).status_code == 404


def test_somebody_who_is_away_has_an_empty_sheet_with_a_way_to_everybody(week: Week, desk: Client) -> None:
    away = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Away")
    response = desk.get(address(week, provider=away.pk))
    assert response.status_code == 200
    assert "Not working on this day" in words(response)
    assert f'href="/clinics/{week.clinic.pk}/sheet/?date=2026-03-02"' in response.content.decode()
    assert b"sheet-page" not in response.content


def test_a_day_without_anybody_says_what_to_do(week: Week, desk: Client) -> None:
    page = words(desk.get(address(week, "2026-03-07")))
    assert "Nobody works on this day" in page
    assert "set hours under Providers" in page


def test_another_clinics_sheet_is_not_there_and_nobody_of_it_is_on_this_one(week: Week) -> None:
    expect_somebody(week)
    elsewhere = another_week()
    elsewhere.open(at(2, 9), at(2, 12))
    client = client_of(member(elsewhere.clinic))
    refused = client.get(address(week))
    assert refused.status_code == 404
    assert "Moreau" not in words(refused)
    assert client.get(address(elsewhere, provider=week.provider.pk)).status_code == 404
    assert "Moreau" not in words(client.get(address(elsewhere)))


def test_whoever_is_a_provider_alone_gets_their_own_page(week: Week) -> None:
    expect_somebody(week)
    user = UserFactory.create()
    own = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg", user=user)
    MembershipFactory.create(user=user, clinic=week.clinic, role="provider")
    week.open(at(2, 9), at(2, 10), own)
    client = client_of(user)
    page = words(client.get(address(week)))
    assert "Dr. Jonas Berg" in page
    assert "Dr. Amara Obi" not in page
    assert "Moreau" not in page
    away = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Away")
    for other in (week.provider, away):
        assert client.get(address(week, provider=other.pk)).status_code == 404


def test_it_says_when_the_sheets_were_last_kept(week: Week, desk: Client, folder: object) -> None:
    assert "No sheets are kept as files yet" in words(desk.get(address(week)))
    now = dt.datetime.now(dt.UTC)
    KeptSheet.objects.create(clinic=week.clinic, kept_at=now)
    fresh = desk.get(address(week)).content.decode()
    assert re.search(r'<p class="no-print muted">Kept as a file for an outage: ', fresh)
    KeptSheet.objects.update(kept_at=now - dt.timedelta(hours=3))
    assert '<p class="no-print warning">Kept' in desk.get(address(week)).content.decode()


def test_it_asks_as_little_for_many_as_for_one(week: Week, desk: Client) -> None:
    expect_somebody(week)
    desk.get(address(week))
    with CaptureQueriesContext(connection) as one:
        desk.get(address(week))
    for number in range(4):
        other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name=f"Dr. Jonas Berg {number}")
        week.open(at(2, 9), at(2, 17), other)
        ContactPointFactory.create(patient=week.visit(at(2, 9), provider=other).patient)
    with CaptureQueriesContext(connection) as many:
        desk.get(address(week))
    assert len(many) == len(one) <= 10


def test_it_speaks_the_readers_language_and_the_clinics_clock(week: Week, desk: Client) -> None:
    expect_somebody(week)
    page = words(desk.get(address(week), headers={"Accept-Language": "es"}))
    assert "lunes, 2 de marzo de 2026" in page
