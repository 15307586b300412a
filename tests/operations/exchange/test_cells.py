"""Cells as people write them: dates that nobody guesses, times, yes and no, weekdays, languages."""

import datetime as dt

import pytest

from mediconnect.habits import Habits
from mediconnect.operations.errors import UnreadableFile
from mediconnect.operations.exchange.cells import (
    DAY_FIRST,
    MONTH_FIRST,
    UnfitCell,
    order_of,
    orders_in,
    read_answer,
    read_date,
    read_language,
    read_time,
    read_weekday,
)
from mediconnect.operations.exchange.columns import mapped
from mediconnect.operations.exchange.kinds.patients.columns import COLUMNS
from providers.models import Clinic


@pytest.mark.parametrize(
    ("region", "order"), [("US-NY", MONTH_FIRST), ("GB", DAY_FIRST), ("DE", DAY_FIRST), ("IN", DAY_FIRST)]
)
def test_the_country_says_what_comes_first(region: str, order: str) -> None:
    assert order_of(Habits.of(Clinic(region=region, timezone="UTC"), "en")) == order


@pytest.mark.parametrize(
    ("text", "order", "day"),
    [
        ("1980-02-29", MONTH_FIRST, dt.date(1980, 2, 29)),
        ("1980/2/9", MONTH_FIRST, dt.date(1980, 2, 9)),
        ("1980-02-29 00:00:00", MONTH_FIRST, dt.date(1980, 2, 29)),
        ("29.02.1980", MONTH_FIRST, dt.date(1980, 2, 29)),
        ("3.4.1980", MONTH_FIRST, dt.date(1980, 4, 3)),
        ("03/04/1980", MONTH_FIRST, dt.date(1980, 3, 4)),
        ("03/04/1980", DAY_FIRST, dt.date(1980, 4, 3)),
        ("25/03/1980", MONTH_FIRST, dt.date(1980, 3, 25)),
        ("03-25-1980", DAY_FIRST, dt.date(1980, 3, 25)),
    ],
)
def test_dates_are_read_as_the_country_writes_them(text: str, order: str, day: dt.date) -> None:
    assert read_date(text, order=order, proven="") == day


@pytest.mark.parametrize(
    "text", ["3/4/80", "30/30/1980", "1980", "yesterday", "2026-02-30", "29.02.1981", "1980-02-29 09:30"]
)
def test_what_is_no_date_is_refused(text: str) -> None:
    with pytest.raises(UnfitCell):
        read_date(text, order=MONTH_FIRST, proven="")


def test_a_date_that_may_be_two_is_refused_where_its_column_is_written_the_other_way_round() -> None:
    assert orders_in(["25/03/1980", "03/04/1980", ""]) == DAY_FIRST
    with pytest.raises(UnfitCell) as unfit:
        read_date("03/04/1980", order=MONTH_FIRST, proven=DAY_FIRST)
    assert dict(unfit.value.finding.values) == {"text": "03/04/1980", "one": "1980-03-04", "other": "1980-04-03"}
    assert read_date("04/04/1980", order=MONTH_FIRST, proven=DAY_FIRST) == dt.date(1980, 4, 4)
    assert read_date("25/03/1980", order=MONTH_FIRST, proven=DAY_FIRST) == dt.date(1980, 3, 25)
    assert orders_in(["25/03/1980", "03/25/1980"]) == "both"
    with pytest.raises(UnfitCell):
        read_date("03/04/1980", order=MONTH_FIRST, proven="both")


@pytest.mark.parametrize(
    ("text", "hour", "minute"),
    [
        ("09:30", 9, 30),
        ("9.30", 9, 30),
        ("14h30", 14, 30),
        ("9:30 AM", 9, 30),
        ("9:30 p.m.", 21, 30),
        ("12 am", 0, 0),
        ("12:15pm", 12, 15),
        ("09:30:00", 9, 30),
    ],
)
def test_times_are_read(text: str, hour: int, minute: int) -> None:
    assert read_time(text) == dt.time(hour, minute)


@pytest.mark.parametrize("text", ["9", "25:00", "13 pm", "0:30 am", "noon", "09:61", "09:30:15"])
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(UnfitCell):
        read_time(text)


def test_answers_weekdays_and_languages_are_read_in_both_languages() -> None:
    assert [read_answer(text) for text in ("Yes", "sí", "X", "no", "N", "0")] == [True, True, True, False, False, False]
    assert [read_weekday(text) for text in ("Monday", "mon", "LUNES", "miércoles", "Sun.")] == [0, 0, 0, 2, 6]
    assert [read_language(text) for text in ("en", "EN", "Spanish", "español", "pt-br")] == [
        "en",
        "en",
        "es",
        "es",
        "pt-BR",
    ]
    for read, text in ((read_answer, "maybe"), (read_weekday, "1"), (read_language, "Klingonese")):
        with pytest.raises(UnfitCell):
            read(text)


def test_headings_are_understood_whatever_their_case_and_accents() -> None:
    headings = mapped(["FIRST NAME", "Apéllidos", " Date-of-birth ", "e_mail", "shoe size"], COLUMNS)
    assert headings.places == ["given_name", "family_name", "birth_date", "email", ""]
    assert headings.values(["Ann", "Berg"]) == {
        "given_name": "Ann", "family_name": "Berg", "birth_date": "", "email": "",
    }  # fmt: skip


def test_a_column_that_stands_twice_is_refused() -> None:
    with pytest.raises(UnreadableFile) as error:
        mapped(["Phone", "mobile"], COLUMNS)
    assert "“Phone” stands in the file twice" in error.value.detail % error.value.values
