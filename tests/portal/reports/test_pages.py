"""Reports as people meet them: pages, refusals, whose figures they are, and how little they ask of the database."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from mediconnect.portal.reports.pages import FILES, REPORTS
from tests.factories import MembershipFactory, ProviderFactory, UserFactory
from tests.portal.reports.clinic import Week, at, member
from tests.portal.reports.clinic import week as another_week
from tests.portal.reports.test_waitlist import freed, offered

DAYS = "from=2026-03-02&to=2026-03-08"
# What the frame asks for any page: the session, its user, the roles and the clinics.
FRAME = 6


def client_of(user: Any) -> Client:
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture(name="desk")
def _desk(week: Week) -> Client:
    return client_of(member(week.clinic))


def address(week: Week, name: str = "utilisation", query: str = DAYS, *, file: bool = False) -> str:
    return f"/clinics/{week.clinic.pk}/reports/{name}{'.csv' if file else '/'}?{query}"


def words(response: Any) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode())).replace("\N{NO-BREAK SPACE}", " ")


# Reports that tell nothing by provider.
WITHOUT_PROVIDERS = {"lead-times", "waitlist"}


def fill(week: Week, family: str = "Aldersgate") -> None:
    week.open(at(2, 9), at(2, 17))
    for number, status in enumerate(("completed", "no_show", "completed", "cancelled")):
        came: dict[str, Any] = (
            {"arrived_at": at(2, 9 + number), "started_at": at(2, 9 + number, 10)} if status == "completed" else {}
        )
        visit = week.visit(at(2, 9 + number), status=status, booked=at(1, 9), **came)
        visit.patient.family_name = family
        visit.patient.save()
    week.visit(at(2, 18), override_reason="stitches came loose", overridden_by=UserFactory.create())
    offered(week, freed(week, 3, 9), "declined")


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_is_a_page_with_its_figures(week: Week, desk: Client, name: str) -> None:
    fill(week)
    response = desk.get(address(week, name))
    assert response.status_code == 200
    assert "<svg" in response.content.decode()
    assert "<table" in response.content.decode()
    assert "Dr. Amara Obi" in words(response) or name in WITHOUT_PROVIDERS
    assert "Aldersgate" not in words(response)


def test_the_figures_are_those_of_the_clinic(week: Week, desk: Client) -> None:
    fill(week)
    assert "Booked 12 % 1 h of 8 h" in words(desk.get(address(week)))
    assert "Outside the hours 30 min" in words(desk.get(address(week)))
    assert "No-show rate 25 % 1 of 4 visits · few" in words(desk.get(address(week, "no-shows")))
    assert "Median 1 day" in words(desk.get(address(week, "lead-times")))


def test_an_override_leads_to_the_card_of_the_visit(week: Week, desk: Client) -> None:
    fill(week)
    page = desk.get(address(week, "overrides")).content.decode()
    assert "stitches came loose" in page
    assert re.search(rf'href="/clinics/{week.clinic.pk}/\?date=2026-03-02&amp;visit=[0-9a-f-]{{36}}"', page)


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_to_report_says_what_to_do(week: Week, desk: Client, name: str) -> None:
    response = desk.get(address(week, name))
    assert response.status_code == 200
    assert "Nothing to report" in words(response)
    assert "Choose other days" in words(response)


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=soon&to=2026-03-08", "dates such as 2026-11-30"),
        ("from=2026-02-30&to=2026-03-08", "dates such as 2026-11-30"),
        ("from=9999-12-30&to=9999-12-31", "dates such as 2026-11-30"),
        ("from=2026-03-08&to=2026-03-02", "The first day comes after the last one"),
        ("from=2025-03-02&to=2026-03-03", "366 days at most"),
    ],
)
def test_days_that_cannot_be_used_are_refused_in_words(week: Week, desk: Client, query: str, sentence: str) -> None:
    response = desk.get(address(week, query=query))
    assert response.status_code == 400
    assert sentence in words(response)
    assert f'value="{query.partition("&")[0].removeprefix("from=")}"' in response.content.decode()
    file = desk.get(address(week, query=query, file=True))
    assert file.status_code == 400
    assert sentence in words(file)


def test_a_leap_years_worth_of_days_is_the_most(week: Week, desk: Client) -> None:
    assert desk.get(address(week, query="from=2025-03-02&to=2026-03-02")).status_code == 200


def test_without_days_it_is_the_last_four_weeks(week: Week, desk: Client) -> None:
    today = timezone.now().astimezone(week.clinic.zone).date()
    response = desk.get(f"/clinics/{week.clinic.pk}/reports/")
    assert f'name="from" value="{(today - dt.timedelta(days=27)).isoformat()}"' in response.content.decode()
    assert f'name="to" value="{today.isoformat()}"' in response.content.decode()
    assert "This week" in words(response)
    assert "Last quarter" in words(response)


def test_a_year_is_drawn_by_week(week: Week, desk: Client) -> None:
    fill(week)
    response = desk.get(address(week, query="from=2025-06-01&to=2026-05-31"))
    assert "Utilisation by week" in words(response)
    assert response.content.count(b'class="part is-booked"') == 4  # two legends, one provider, one week


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_asks_two_statements_at_most_however_many_providers(week: Week, desk: Client, name: str) -> None:
    fill(week)
    desk.get(address(week, name))
    with CaptureQueriesContext(connection) as one:
        desk.get(address(week, name))
    for number in range(6):
        other = ProviderFactory.create(clinic=week.clinic, weekdays=(), name=f"Dr. Jonas Berg {number}")
        week.open(at(3, 9), at(3, 17), other)
        came: dict[str, Any] = {"arrived_at": at(3, 9), "started_at": at(3, 9, 5)}
        week.visit(at(3, 9), provider=other, override_reason="late", overridden_by=UserFactory.create(), **came)
    with CaptureQueriesContext(connection) as many:
        assert "Dr. Jonas Berg" in words(desk.get(address(week, name))) or name in WITHOUT_PROVIDERS
    assert len(many) == len(one) <= FRAME + 2


def test_whoever_is_a_provider_alone_sees_their_own_figures(week: Week) -> None:
    fill(week)
    user = UserFactory.create()
    own = ProviderFactory.create(clinic=week.clinic, weekdays=(), name="Dr. Jonas Berg", user=user)
    MembershipFactory.create(user=user, clinic=week.clinic, role="provider")
    week.open(at(3, 9), at(3, 11), own)
    week.visit(at(3, 9), provider=own, override_reason="my own reason", overridden_by=user)
    client = client_of(user)
    for name in REPORTS:
        page = words(client.get(address(week, name)))
        assert "of your own calendar" in page
        assert "Dr. Amara Obi" not in page
        assert "stitches came loose" not in page
    assert "my own reason" in words(client.get(address(week, "overrides")))
    for name in FILES:
        text = client.get(address(week, name, file=True)).content.decode()
        assert "Dr. Amara Obi" not in text
        assert "stitches came loose" not in text


def test_a_provider_role_without_a_calendar_sees_no_figures(week: Week) -> None:
    fill(week)
    client = client_of(member(week.clinic, "provider"))
    for name in REPORTS:
        assert "Nothing to report" in words(client.get(address(week, name)))


@pytest.mark.parametrize("name", FILES)
def test_another_clinics_reports_are_not_there(week: Week, name: str) -> None:
    fill(week)
    elsewhere = another_week()
    client = client_of(member(elsewhere.clinic))
    file = client.get(address(week, name, file=True))
    page = client.get(address(week, name.removesuffix("-by-day")))
    assert (file.status_code, page.status_code) == (404, 404)
    for response in (file, page):
        assert week.clinic.name not in words(response)
        assert "Dr. Amara Obi" not in words(response)
    mine = client.get(address(elsewhere, name, file=True)).content.decode()
    assert "Consultation" not in mine
    assert "Dr. Amara Obi" not in mine
    assert "stitches" not in mine


def test_there_is_no_report_of_another_name(week: Week, desk: Client) -> None:
    assert desk.get(address(week, "profits")).status_code == 404
    assert desk.get(address(week, "profits", file=True)).status_code == 404


def test_it_speaks_spanish_without_breaking_a_drawing(week: Week, desk: Client) -> None:
    fill(week)
    page = desk.get(address(week), headers={"Accept-Language": "es"}).content.decode()
    for attribute in ("x", "y", "width", "height"):
        for value in re.findall(rf' {attribute}="([^"]*)"', page):
            assert re.fullmatch(r"-?[0-9.]+%?", value), value
